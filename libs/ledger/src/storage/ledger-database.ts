import 'reflect-metadata';
import { DataSource, type EntityManager } from 'typeorm';
import { JobEntity } from './entities/job.entity.js';
import { CreateLedger1763769600000 } from './migrations/1763769600000-create-ledger.js';
import { JobSemantics1763780000000 } from './migrations/1763780000000-job-semantics.js';
import { BatchesAndExplain1763790000000 } from './migrations/1763790000000-batches-and-explain.js';
import { FairOutbox1763794000000 } from './migrations/1763794000000-fair-outbox.js';
import { TimesAndLimits1763795000000 } from './migrations/1763795000000-times-and-limits.js';
import { StatusLinks1763796000000 } from './migrations/1763796000000-status-links.js';
import { HistoryByJob1763796500000 } from './migrations/1763796500000-history-by-job.js';
import { JobStatistics1763797000000 } from './migrations/1763797000000-job-statistics.js';
import { AttemptLogs1763798000000 } from './migrations/1763798000000-attempt-logs.js';
import { JobReruns1763798100000 } from './migrations/1763798100000-job-reruns.js';
import { FailureMarks1763798200000 } from './migrations/1763798200000-failure-marks.js';
import { OutboxWithoutKey1763799000000 } from './migrations/1763799000000-outbox-without-key.js';
import { RevokedSessions1763799100000 } from './migrations/1763799100000-revoked-sessions.js';
import { FailureMarkCauses1763799200000 } from './migrations/1763799200000-failure-mark-causes.js';
import { DeadLetters1763793100000 } from './migrations/1763793100000-dead-letters.js';

export const ledgerEntities = [JobEntity];
export const ledgerMigrations = [
  CreateLedger1763769600000,
  JobSemantics1763780000000,
  BatchesAndExplain1763790000000,
  DeadLetters1763793100000,
  FairOutbox1763794000000,
  TimesAndLimits1763795000000,
  StatusLinks1763796000000,
  HistoryByJob1763796500000,
  JobStatistics1763797000000,
  AttemptLogs1763798000000,
  JobReruns1763798100000,
  FailureMarks1763798200000,
  OutboxWithoutKey1763799000000,
  RevokedSessions1763799100000,
  FailureMarkCauses1763799200000,
];

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
