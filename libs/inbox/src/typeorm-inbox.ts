import type { Transaction, TransactionPort } from '@roundhouse/jobs';
import type { DataSource, QueryRunner } from 'typeorm';
import { inboxTable } from './inbox-table.js';

/** Rows for every statement; TypeORM alone answers `[rows, count]` for update and delete. */
function transactionOf(runner: QueryRunner): Transaction {
  return {
    query: async <T>(sql: string, parameters: unknown[] = []) =>
      (await runner.query(sql, parameters, true)).records as T,
  };
}

/**
 * The inbox table of a service's own schema. Its row and the effect are one transaction, so an effect happened exactly
 * when its row is there.
 */
export class TypeOrmInbox implements TransactionPort {
  private readonly table: string;

  constructor(
    private readonly database: DataSource,
    schema: string,
  ) {
    this.table = inboxTable(schema);
  }

  async once<T>(jobId: string, step: string, work: (tx: Transaction) => Promise<T>): Promise<T | undefined> {
    return this.database.transaction(async ({ queryRunner }) => {
      const tx = transactionOf(queryRunner!); // a manager of a transaction has one
      // Waits for another run of the same step: a conflict when that one commits, our turn when it rolls back.
      const inserted = await tx.query<unknown[]>(
        `insert into ${this.table} (job_id, step) values ($1, $2) on conflict do nothing returning job_id`,
        [jobId, step],
      );
      return inserted.length === 0 ? undefined : work(tx);
    });
  }

  /** Forgets steps done before `before`, which must lie further back than any job can still be run again. Returns how many. */
  async forget(before: Date): Promise<number> {
    const [row] = await this.database.query<{ forgotten: number }[]>(
      `with gone as (delete from ${this.table} where done_at < $1 returning 1) select count(*)::int as forgotten from gone`,
      [before],
    );
    return row?.forgotten ?? 0;
  }
}
