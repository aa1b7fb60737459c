import { DataSource } from 'typeorm';
import { probeMigrations } from './migrations/index.js';

export function probeDataSource(url: string): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize: 10,
    applicationName: 'roundhouse-probe',
    migrations: probeMigrations,
    migrationsTableName: 'probe_migrations',
  });
}
