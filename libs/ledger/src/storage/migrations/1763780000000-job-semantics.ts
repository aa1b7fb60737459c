import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When and how a job runs: deadlines, slots, rates, pauses, uniqueness, batches, dependencies, redrives. */
export class JobSemantics1763780000000 implements MigrationInterface {
  name = 'JobSemantics1763780000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ledger.jobs
        add column deadline_at timestamptz,
        add column blocked_on text,
        add column skew_since timestamptz,
        add column idle_resumes integer not null default 0,
        add column checkpoint_attempt integer,
        add column priority smallint not null default 0,
        -- "<group>|<tenant or *>|<values>", one per concurrency rule of the kind
        add column slot_keys text[],
        -- A token is set aside: the next claim takes it without asking the bucket.
        add column rate_reserved boolean not null default false,
        add column retry_override jsonb,
        add column unique_key bytea,
        add column batch_id uuid,
        add column workflow_ref text,
        add column pending_dependencies integer not null default 0,
        -- A delivery with the old payload may be under way: the grant brings the new one along.
        add column payload_replaced boolean not null default false,
        add column has_dependents boolean not null default false,
        add column fingerprint text`);
    // Who waits for what, first come first served.
    await runner.query(`create index jobs_blocked on ledger.jobs (blocked_on, id) where state = 'blocked'`);
    await runner.query(`create index jobs_batch on ledger.jobs (batch_id) where batch_id is not null`);
    await runner.query(
      `create index jobs_fingerprint on ledger.jobs (tenant_id, fingerprint) where state = 'dead' and fingerprint is not null`,
    );

    // One row per slot in use. It is written and removed in the transaction that changes the job's state.
    await runner.query(`
      create table ledger.slot_holds (
        key text not null,
        job_id uuid not null references ledger.jobs (id) on delete cascade,
        primary key (key, job_id)
      )`);
    await runner.query(`create index slot_holds_job on ledger.slot_holds (job_id)`);
    // Limits set at run time; they replace those of the contract at once. A name is a group or a whole key.
    await runner.query(`
      create table ledger.slot_limits (
        tenant_id text not null,
        name text not null,
        max_running integer not null check (max_running >= 0),
        primary key (tenant_id, name)
      )`);

    await runner.query(`
      create table ledger.rate_buckets (
        key text primary key,
        per_second double precision not null check (per_second > 0),
        burst integer not null check (burst > 0),
        -- Generic cell rate algorithm: when the bucket would be full again.
        full_at timestamptz not null,
        -- A provider asked for silence until then.
        paused_until timestamptz
      )`);

    await runner.query(`
      create table ledger.pauses (
        tenant_id text not null,
        scope text not null check (scope in ('queue', 'kind', 'tenant')),
        value text not null,
        reason text not null,
        paused_by text not null,
        paused_at timestamptz not null default now(),
        primary key (tenant_id, scope, value)
      )`);

    // The constraint behind unique jobs.
    await runner.query(`
      create table ledger.unique_keys (
        key bytea primary key,
        job_id uuid not null,
        expires_at timestamptz
      )`);
    await runner.query(
      `create index unique_keys_expiry on ledger.unique_keys (expires_at) where expires_at is not null`,
    );

    await runner.query(`
      create table ledger.batches (
        id uuid primary key,
        tenant_id text not null,
        name text not null,
        is_workflow boolean not null default false,
        sealed boolean not null,
        total integer not null default 0,
        succeeded integer not null default 0,
        dead integer not null default 0,
        cancelled integer not null default 0,
        on_success jsonb,
        on_death jsonb,
        on_complete jsonb,
        death_called boolean not null default false,
        created_at timestamptz not null default now(),
        finished_at timestamptz
      )`);
    await runner.query(`create index batches_tenant on ledger.batches (tenant_id, id desc)`);
    await runner.query(`
      create table ledger.dependencies (
        job_id uuid not null,
        depends_on uuid not null,
        ref text not null,
        -- Which end of the other job lets this one run.
        condition text not null check (condition in ('succeeded', 'finished')),
        -- What happens to this one when the other ends differently.
        otherwise text not null check (otherwise in ('cancel', 'keep_waiting')),
        met boolean not null default false,
        primary key (job_id, depends_on)
      )`);
    await runner.query(`create index dependencies_other on ledger.dependencies (depends_on)`);

    await runner.query(`
      create table ledger.redrives (
        id uuid primary key,
        tenant_id text not null,
        filter jsonb not null,
        state text not null check (state in ('running', 'stopped', 'finished')),
        canary boolean not null,
        per_second double precision,
        stage integer not null default 0,
        stage_done_at timestamptz,
        matched integer not null,
        redriven integer not null default 0,
        recurred integer not null default 0,
        stop_reason text,
        created_by text not null,
        created_at timestamptz not null default now(),
        finished_at timestamptz
      )`);
    await runner.query(`
      create table ledger.redrive_jobs (
        redrive_id uuid not null references ledger.redrives (id) on delete cascade,
        job_id uuid not null,
        fingerprint text,
        stage integer,
        sent_at timestamptz,
        outcome text,
        primary key (redrive_id, job_id)
      )`);
    await runner.query(`create index redrive_jobs_job on ledger.redrive_jobs (job_id)`);
    await runner.query(`
      create table ledger.audit_log (
        id bigint generated always as identity primary key,
        tenant_id text not null,
        actor text not null,
        action text not null,
        subject text not null,
        detail jsonb,
        at timestamptz not null default now()
      )`);
    await runner.query(`create index audit_log_tenant on ledger.audit_log (tenant_id, id desc)`);

    await runner.query(`
      alter table ledger.schedules
        add column misfire text not null default 'fire_once' check (misfire in ('skip', 'fire_once', 'catch_up')),
        add column catch_up_max integer not null default 10,
        add column overlap text not null default 'allow' check (overlap in ('allow', 'skip', 'cancel_other')),
        add column jitter_ms integer not null default 0,
        add column source text not null default 'rest'`);
    await runner.query(`alter table ledger.schedule_firings alter column job_id drop not null`);
    await runner.query(`
      alter table ledger.schedule_firings
        add column outcome text not null default 'fired',
        add column reason text`);
    await grantToGateway(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables =
      'audit_log, redrive_jobs, redrives, dependencies, batches, unique_keys, pauses, rate_buckets, slot_limits, slot_holds';
    for (const table of tables.split(', ')) await runner.query(`drop table ledger.${table}`);
    await runner.query(`alter table ledger.schedule_firings drop column outcome, drop column reason`);
    await runner.query(
      `alter table ledger.schedules drop column misfire, drop column catch_up_max, drop column overlap, drop column jitter_ms, drop column source`,
    );
    const columns =
      'deadline_at, blocked_on, skew_since, idle_resumes, checkpoint_attempt, priority, slot_keys, rate_reserved, retry_override, unique_key, batch_id, workflow_ref, pending_dependencies, has_dependents, payload_replaced, fingerprint';
    for (const column of columns.split(', ')) await runner.query(`alter table ledger.jobs drop column ${column}`);
  }
}

async function grantToGateway(runner: QueryRunner): Promise<void> {
  const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
  if (roles.length === 0) return;
  await runner.query(`grant select, insert, update, delete on all tables in schema ledger to roundhouse_gateway`);
}
