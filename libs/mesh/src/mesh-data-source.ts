import { DataSource } from 'typeorm';
import { meshMigrations } from './migrations/index.js';

export interface MeshDatabaseOptions {
  /** Shown in pg_stat_activity. @default 'roundhouse-mesh' */
  applicationName?: string;
  /** @default 10 */
  maxConnections?: number;
}

/** The schema `mesh`. Not connected yet: call `initialize()`, and `destroy()` at the end. */
export function createMeshDataSource(url: string, options: MeshDatabaseOptions = {}): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: options.applicationName ?? 'roundhouse-mesh',
    migrations: meshMigrations,
    // In the default schema: it has to be there before `mesh` is.
    migrationsTableName: 'mesh_migrations',
    extra: { max: options.maxConnections ?? 10 },
  });
}
