import { DataSource } from 'typeorm';
import { spreadsheetsMigrations } from './migrations/index.js';

export interface SpreadsheetsDatabaseOptions {
  /** Shown in pg_stat_activity. @default 'roundhouse-spreadsheets' */
  applicationName?: string;
  /** @default 10 */
  maxConnections?: number;
}

/** The schema `spreadsheets`. Not connected yet: call `initialize()`, and `destroy()` at the end. */
export function createSpreadsheetsDataSource(url: string, options: SpreadsheetsDatabaseOptions = {}): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: options.applicationName ?? 'roundhouse-spreadsheets',
    migrations: spreadsheetsMigrations,
    // In the default schema: it has to be there before `spreadsheets` is.
    migrationsTableName: 'spreadsheets_migrations',
    extra: { max: options.maxConnections ?? 10 },
  });
}
