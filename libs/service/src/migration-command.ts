import { z } from 'zod';
import { ConfigError, loadConfig } from './config.js';
import { url } from './variable-types.js';

const ownerConfig = z.object({ ownerDatabaseUrl: url(['postgres', 'postgresql']) });

/** A TypeORM DataSource, as far as it is needed here. */
interface Migratable {
  initialize(): Promise<unknown>;
  runMigrations(options: { transaction: 'all' }): Promise<{ name: string }[]>;
  destroy(): Promise<void>;
}

/**
 * Body of a `migrate.js`: applies the migrations of an app's schemas, one after the other, with the owner's rights
 * (ROUNDHOUSE_OWNER_DATABASE_URL) and prints what was applied. Sets the exit code: 0, 1 after a failure, 78 when the
 * configuration is wrong.
 */
export async function migrationCommand(...schemas: ((ownerUrl: string) => Migratable)[]): Promise<void> {
  try {
    const { ownerDatabaseUrl } = loadConfig(ownerConfig);
    const applied: { name: string }[] = [];
    for (const open of schemas) {
      const database = open(ownerDatabaseUrl);
      await database.initialize();
      applied.push(...(await database.runMigrations({ transaction: 'all' }).finally(() => database.destroy())));
    }
    process.stdout.write(`${JSON.stringify({ applied: applied.map((migration) => migration.name) })}\n`);
  } catch (error) {
    const plain = error instanceof ConfigError;
    process.stderr.write(`${plain ? error.message : String((error as Error).stack ?? error)}\n`);
    process.exitCode = plain ? 78 : 1;
  }
}
