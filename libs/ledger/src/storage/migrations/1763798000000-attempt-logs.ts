import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What attempts have logged: one row for each message of a worker, none for an attempt that says nothing. */
export class AttemptLogs1763798000000 implements MigrationInterface {
  name = 'AttemptLogs1763798000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ledger.attempt_logs (
        job_id uuid not null,
        attempt integer not null,
        -- Number of the worker's message within the attempt.
        part integer not null,
        -- [{"at": …, "level": …, "message": …, "fields": {…}}]
        lines jsonb not null,
        bytes integer not null,
        left_out integer not null,
        stored_at timestamptz not null default clock_timestamp(),
        primary key (job_id, attempt, part)
      )`);
    // Rows come in the order of their time, which is all that forgetting them asks for.
    await runner.query(`create index attempt_logs_age on ledger.attempt_logs using brin (stored_at)`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, insert, update, delete on ledger.attempt_logs to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ledger.attempt_logs`);
  }
}
