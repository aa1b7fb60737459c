import 'reflect-metadata';
import { DataSource, type EntityManager } from 'typeorm';
import { JobEntity } from './entities/job.entity.js';
import { ledgerMigrations } from './migrations/index.js';

export const ledgerEntities = [JobEntity];
export { ledgerMigrations };

export interface LedgerDatabaseOptions {
  url: string;
  /** @default 12 */
  poolSize?: number;
  applicationName?: string;
}

export function ledgerDataSource({
  url,
  poolSize = 12,
  applicationName = 'roundhouse',
}: LedgerDatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    applicationName,
    entities: ledgerEntities,
    migrations: ledgerMigrations,
    migrationsTableName: 'ledger_migrations',
    connectTimeoutMS: 5_000,
    // On an SSD a look-up costs little more than reading on; with the default of 4 a batch of updates is planned as a scan of the whole table.
    // Compiling a statement takes longer than any of ours may run.
    extra: {
      options: '-c random_page_cost=1.1 -c jit=off',
      idle_in_transaction_session_timeout: 60_000,
      statement_timeout: 30_000,
    },
  });
}

// Deadlock, serialisation failure, too many connections, shutting down, starting up, connection trouble, lock or statement timeout.
const transientCodes = /^(40001|40P01|53300|57P0[1-5]|57014|55P03|08...|ECONN.*|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)$/;

/** Whether the same work may succeed a little later without anybody changing anything. */
export function isTransientDatabaseError(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    const { code } = e as { code?: unknown };
    if (typeof code === 'string' && transientCodes.test(code)) return true;
    if (
      /connection (terminated|timeout|refused)|timeout exceeded when trying to connect|Client has encountered/i.test(
        e.message,
      )
    ) {
      return true;
    }
  }
  return false;
}

const deadlockTries = 5;

/** A transaction that is repeated when it lost a deadlock; everything else is the caller's to handle. */
export async function inTransaction<T>(dataSource: DataSource, work: (tx: EntityManager) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await dataSource.transaction(work);
    } catch (error) {
      const { code } = error as { code?: string };
      if (tries >= deadlockTries || (code !== '40P01' && code !== '40001')) throw error;
    }
  }
}
