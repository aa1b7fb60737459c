import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables of the ledger. Times are the database's; ids are UUIDv7, so that ordering by id is ordering by age. */
export class CreateLedger1763769600000 implements MigrationInterface {
  name = 'CreateLedger1763769600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema if not exists ledger`);
    await runner.query(`
      create type ledger.job_state as enum
        ('scheduled', 'queued', 'running', 'retrying', 'blocked', 'succeeded', 'dead', 'cancelled')`);
    await runner.query(`
      create table ledger.jobs (
        id uuid primary key,
        tenant_id text not null,
        kind text not null,
        version integer not null,
        queue text not null,
        state ledger.job_state not null,
        payload bytea not null,
        timeout_ms integer not null,
        traceparent text not null,
        parent_id uuid,
        attempt integer not null default 0,
        failures integer not null default 0,
        crashes integer not null default 0,
        run_at timestamptz not null,
        due_at timestamptz,
        lease_until timestamptz,
        takeover_at timestamptz,
        cancel_requested_at timestamptz,
        worker_id text,
        checkpoint bytea,
        progress real,
        progress_message text,
        result bytea,
        error jsonb,
        created_at timestamptz not null default now(),
        dispatched_at timestamptz not null default now(),
        started_at timestamptz,
        finished_at timestamptz
      )`);
    // Lists of a tenant, newest first.
    await runner.query(`create index jobs_tenant on ledger.jobs (tenant_id, id desc)`);
    await runner.query(`create index jobs_dead on ledger.jobs (tenant_id, id desc) where state = 'dead'`);
    await runner.query(`create index jobs_parent on ledger.jobs (parent_id) where parent_id is not null`);
    // The one timer of the ledger: what must be looked at, and when.
    await runner.query(`create index jobs_due on ledger.jobs (due_at) where due_at is not null`);
    // What the broker should hold, for the sweeper.
    await runner.query(`create index jobs_queued on ledger.jobs (queue, dispatched_at) where state = 'queued'`);
    // Rows are updated twice in their short hot life.
    await runner.query(`alter table ledger.jobs set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)`);

    await runner.query(`
      create table ledger.outbox (
        id bigint generated always as identity primary key,
        job_id uuid not null,
        delay_ms integer not null,
        created_at timestamptz not null default now()
      )`);
    await runner.query(`create index outbox_job on ledger.outbox (job_id)`);
    await runner.query(`alter table ledger.outbox set (autovacuum_vacuum_scale_factor = 0.01)`);

    await runner.query(`
      create table ledger.job_history (
        id bigint generated always as identity primary key,
        job_id uuid not null,
        type text not null,
        attempt integer not null,
        at timestamptz not null,
        detail jsonb
      )`);
    await runner.query(`create index job_history_job on ledger.job_history (job_id, id)`);

    await runner.query(`
      create table ledger.domain_events (
        id bigint generated always as identity primary key,
        -- Readers stop below the oldest transaction under way, so that nothing commits behind their cursor.
        xid xid8 not null default pg_current_xact_id(),
        tenant_id text not null,
        job_id uuid not null,
        type text not null,
        payload bytea not null,
        at timestamptz not null default now()
      )`);
    await runner.query(`create index domain_events_feed on ledger.domain_events (tenant_id, xid, id)`);

    await runner.query(`
      create table ledger.idempotency_keys (
        tenant_id text not null,
        route text not null,
        key text not null,
        body_hash bytea not null,
        job_ids uuid[] not null,
        created_at timestamptz not null default now(),
        primary key (tenant_id, route, key)
      )`);
    await runner.query(`create index idempotency_keys_age on ledger.idempotency_keys (created_at)`);

    await runner.query(`
      create table ledger.api_keys (
        id text primary key,
        tenant_id text not null,
        name text not null,
        secret_hash bytea not null,
        scopes text[] not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        revoked_at timestamptz
      )`);

    await runner.query(`
      create table ledger.schedules (
        id uuid primary key,
        tenant_id text not null,
        name text not null,
        cron text not null,
        time_zone text not null,
        kind text not null,
        payload bytea not null,
        enabled boolean not null default true,
        next_fire_at timestamptz not null,
        created_at timestamptz not null default now(),
        unique (tenant_id, name)
      )`);
    await runner.query(`create index schedules_due on ledger.schedules (next_fire_at) where enabled`);
    await runner.query(`
      create table ledger.schedule_firings (
        schedule_id uuid not null references ledger.schedules (id) on delete cascade,
        fire_time timestamptz not null,
        job_id uuid not null,
        fired_at timestamptz not null default now(),
        primary key (schedule_id, fire_time)
      )`);

    await runner.query(`
      create table ledger.workers (
        id text primary key,
        service text not null,
        version text not null,
        host text not null,
        pid integer not null,
        queues text[] not null,
        running integer not null,
        stopping boolean not null,
        seen_at timestamptz not null
      )`);
    await grantToGateway(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema ledger cascade`);
  }
}

/** The gateway and the scheduler run with a role that owns nothing; workers have no rights here at all. */
async function grantToGateway(runner: QueryRunner): Promise<void> {
  const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
  if (roles.length === 0) return;
  await runner.query(`grant usage on schema ledger to roundhouse_gateway`);
  await runner.query(`grant select, insert, update, delete on all tables in schema ledger to roundhouse_gateway`);
}
