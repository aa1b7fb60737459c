import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Redrives that are paced and staged, discarded deaths, webhooks. */
export class DeadLetters1763793100000 implements MigrationInterface {
  name = 'DeadLetters1763793100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ledger.jobs
        add column if not exists payload_replaced boolean not null default false,
        -- Nobody wants to see this death any more.
        add column discarded_at timestamptz,
        -- The redrive that sent it last and wants to hear how it ends.
        add column redrive_id uuid`);
    // Groups and filters look at the deaths of a tenant by their time.
    await runner.query(
      `create index jobs_deaths on ledger.jobs (tenant_id, finished_at) where state = 'dead' and discarded_at is null`,
    );
    await runner.query(`
      alter table ledger.redrives
        drop column recurred,
        -- When the next job may be sent; a clock that runs at \`per_second\`.
        add column paced_at timestamptz not null default now(),
        add column look_at timestamptz not null default now()`);
    await runner.query(`create index redrives_due on ledger.redrives (look_at) where state = 'running'`);
    await runner.query(`create index redrives_tenant on ledger.redrives (tenant_id, id desc)`);
    await runner.query(`
      alter table ledger.redrive_jobs
        add column position integer not null,
        -- The death it was chosen for: a later one of the same job is none of its business.
        add column died_at timestamptz,
        add column recurred boolean not null default false,
        add column reason text`);
    await runner.query(
      `create index redrive_jobs_open on ledger.redrive_jobs (redrive_id, stage, position) where outcome is null`,
    );
    await runner.query(`create index redrive_jobs_recurred on ledger.redrive_jobs (redrive_id) where recurred`);

    await runner.query(`
      create table ledger.webhooks (
        id uuid primary key,
        tenant_id text not null,
        name text not null,
        url text not null,
        events text[] not null,
        enabled boolean not null default true,
        disabled_reason text,
        -- Encrypted by the gateway for the notifier; the ledger cannot read them.
        sealed_secret text not null,
        previous_secret text,
        previous_until timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (tenant_id, name)
      )`);
    await grantToGateway(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ledger.webhooks`);
    await runner.query(`drop index ledger.redrive_jobs_recurred, ledger.redrive_jobs_open`);
    await runner.query(
      `alter table ledger.redrive_jobs drop column position, drop column died_at, drop column recurred, drop column reason`,
    );
    await runner.query(`drop index ledger.redrives_tenant, ledger.redrives_due`);
    await runner.query(`
      alter table ledger.redrives drop column paced_at, drop column look_at,
        add column recurred integer not null default 0`);
    await runner.query(`drop index ledger.jobs_deaths`);
    await runner.query(`alter table ledger.jobs drop column discarded_at, drop column redrive_id`);
  }
}

async function grantToGateway(runner: QueryRunner): Promise<void> {
  const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
  if (roles.length === 0) return;
  await runner.query(`grant select, insert, update, delete on ledger.webhooks to roundhouse_gateway`);
}
