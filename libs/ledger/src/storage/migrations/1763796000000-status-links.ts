import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Links that show one job to whoever has them. */
export class StatusLinks1763796000000 implements MigrationInterface {
  name = 'StatusLinks1763796000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ledger.status_links (
        id uuid primary key,
        tenant_id text not null,
        job_id uuid not null,
        -- Whether the holder may cancel the job.
        may_cancel boolean not null,
        created_by text not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        revoked_at timestamptz
      )`);
    await runner.query(`create index status_links_job on ledger.status_links (job_id)`);
    await runner.query(`create index status_links_expired on ledger.status_links (expires_at)`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, insert, update, delete on ledger.status_links to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ledger.status_links`);
  }
}
