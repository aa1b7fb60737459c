import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What jobs did, by minute: a few rows a minute however many jobs there were. */
export class JobStatistics1763797000000 implements MigrationInterface {
  name = 'JobStatistics1763797000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ledger.job_statistics (
        tenant_id text not null,
        minute timestamptz not null,
        kind text not null,
        started integer not null,
        succeeded integer not null,
        -- Attempts that failed, those that killed their job included.
        failed integer not null,
        dead integer not null,
        cancelled integer not null,
        -- Counts per class of latency (latency-histogram.ts): from the time a job was to run to its start, and of successful runs.
        waits integer[] not null,
        runs integer[] not null,
        primary key (tenant_id, minute, kind)
      )`);
    // Dead jobs of a kind, newest first: what people look for when something is wrong.
    await runner.query(`create index jobs_dead_kind on ledger.jobs (tenant_id, kind, id desc) where state = 'dead'`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, insert, update, delete on ledger.job_statistics to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index ledger.jobs_dead_kind`);
    await runner.query(`drop table ledger.job_statistics`);
  }
}
