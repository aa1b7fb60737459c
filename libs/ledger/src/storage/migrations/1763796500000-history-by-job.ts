import type { MigrationInterface, QueryRunner } from 'typeorm';

/** History is read by job; an index on its ids alone was written with every entry and read by nobody. */
export class HistoryByJob1763796500000 implements MigrationInterface {
  name = 'HistoryByJob1763796500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.job_history drop constraint job_history_pkey`);
    // `using index` wants a unique one.
    await runner.query(`drop index ledger.job_history_job`);
    await runner.query(`alter table ledger.job_history add constraint job_history_pkey primary key (job_id, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.job_history drop constraint job_history_pkey`);
    await runner.query(`alter table ledger.job_history add constraint job_history_pkey primary key (id)`);
    await runner.query(`create index job_history_job on ledger.job_history (job_id, id)`);
  }
}
