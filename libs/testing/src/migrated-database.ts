import { createTestDatabase } from './database.js';

/** A TypeORM DataSource, as far as it is needed here. */
export interface Migratable {
  initialize(): Promise<unknown>;
  runMigrations(options: { transaction: 'all' }): Promise<unknown>;
  destroy(): Promise<void>;
}

export interface MigratedDatabase<Source extends Migratable> {
  url: string;
  /** Connected, its migrations applied. */
  source: Source;
  /** Disconnects and removes the database; a connection left open is an error. */
  close(): Promise<void>;
}

/** A database of its own with the schema of a data source: `createMigratedDatabase(createTradingDataSource)`. */
export async function createMigratedDatabase<Source extends Migratable>(
  open: (url: string) => Source,
): Promise<MigratedDatabase<Source>> {
  const { url, drop } = await createTestDatabase();
  const source = open(url);
  try {
    await source.initialize();
    await source.runMigrations({ transaction: 'all' });
  } catch (error) {
    await source.destroy().catch(() => undefined); // what went wrong first is what the test shall show
    await drop();
    throw error;
  }
  const close = async () => {
    await source.destroy();
    await drop();
  };
  return { url, source, close };
}
