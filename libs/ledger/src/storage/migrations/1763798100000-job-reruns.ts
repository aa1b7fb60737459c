import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which job is another one run again: few are, so it is no column of all of them. */
export class JobReruns1763798100000 implements MigrationInterface {
  name = 'JobReruns1763798100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ledger.job_reruns (
        job_id uuid primary key,
        tenant_id text not null,
        rerun_of uuid not null
      )`);
    await runner.query(`create index job_reruns_of on ledger.job_reruns (rerun_of, job_id)`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, insert, update, delete on ledger.job_reruns to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ledger.job_reruns`);
  }
}
