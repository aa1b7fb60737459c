import { createMigratedDatabase, type Migratable, type MigratedDatabase } from './migrated-database.js';

/**
 * A data source for all tests of a file, to be called outside of them: `const source = migratedSource(createTradingDataSource)`.
 * It is there at once, and before the first test connected to a database of its own with its migrations applied. After the last
 * test the database is removed; a connection left open is an error.
 */
export function migratedSource<Source extends Migratable & { setOptions(options: object): unknown }>(
  open: (url: string) => Source,
): Source {
  // Nothing connects to this URL: that of the database is known only once there is one.
  const source = open('postgres://nowhere');
  let database: MigratedDatabase<Source> | undefined;
  beforeAll(async () => {
    database = await createMigratedDatabase((url) => {
      source.setOptions({ url });
      return source;
    });
  });
  afterAll(() => database?.close());
  return source;
}
