import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schedules that can be paused and looked at, lists by time, limits and rates that can be set and taken back. */
export class TimesAndLimits1763795000000 implements MigrationInterface {
  name = 'TimesAndLimits1763795000000';

  async up(runner: QueryRunner): Promise<void> {
    // A paused schedule is looked at as well: what it would have fired is part of its history.
    await runner.query(`drop index ledger.schedules_due`);
    await runner.query(`create index schedules_due on ledger.schedules (next_fire_at)`);
    await runner.query(`create index schedule_firings_age on ledger.schedule_firings (fired_at)`);
    // What comes next, for people.
    await runner.query(
      `create index jobs_scheduled on ledger.jobs (tenant_id, run_at, id) where state in ('scheduled', 'retrying')`,
    );
    await runner.query(`
      alter table ledger.rate_buckets
        -- Set at run time; otherwise the contract's numbers hold.
        add column overridden boolean not null default false,
        -- As full_at, counting only what was granted: tokens that were set aside may be used late, but never in a heap.
        add column granted_full_at timestamptz not null default '-infinity'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.rate_buckets drop column overridden, drop column granted_full_at`);
    await runner.query(`drop index ledger.jobs_scheduled`);
    await runner.query(`drop index ledger.schedule_firings_age`);
    await runner.query(`drop index ledger.schedules_due`);
    await runner.query(`create index schedules_due on ledger.schedules (next_fire_at) where enabled`);
  }
}
