import { DataSource } from 'typeorm';
import { CreateMesh1763790000000 } from './migrations/1763790000000-create-mesh.js';
import { BatchesInSteps1763800100000 } from './migrations/1763800100000-batches-in-steps.js';
import { ExpectEngineTasks1763800000000 } from './migrations/1763800000000-expect-engine-tasks.js';
import { OpenWork1763800200000 } from './migrations/1763800200000-open-work.js';

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
    migrations: [
      CreateMesh1763790000000,
      ExpectEngineTasks1763800000000,
      BatchesInSteps1763800100000,
      OpenWork1763800200000,
    ],
    // In the default schema: it has to be there before `mesh` is.
    migrationsTableName: 'mesh_migrations',
    extra: { max: options.maxConnections ?? 10 },
  });
}
