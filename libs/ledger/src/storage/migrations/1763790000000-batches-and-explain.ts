import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cancelling batches, their callbacks, and the facts behind the account of a job's time. */
export class BatchesAndExplain1763790000000 implements MigrationInterface {
  name = 'BatchesAndExplain1763790000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ledger.batches
        add column cancel_requested_at timestamptz,
        -- Callback → the job that was created for it. Each is created at most once in the batch's life.
        add column callback_jobs jsonb not null default '{}',
        drop column death_called,
        add column traceparent text not null default ''`);
    // Cancellations under way: whoever finds one carries on with it.
    await runner.query(
      `create index batches_cancelling on ledger.batches (id) where cancel_requested_at is not null and finished_at is null`,
    );
    // A batch's jobs in order, so that going through them in steps never starts again from the first.
    await runner.query(`drop index ledger.jobs_batch`);
    await runner.query(`create index jobs_batch on ledger.jobs (batch_id, id) where batch_id is not null`);
    await runner.query(
      `create index jobs_batch_running on ledger.jobs (batch_id) where batch_id is not null and state = 'running'`,
    );

    await runner.query(`
      alter table ledger.jobs
        -- When the request arrived; null for jobs that no request asked for.
        add column received_at timestamptz,
        -- The running attempt's last progress or checkpoint.
        add column progressed_at timestamptz`);
    await runner.query(`create index jobs_finished on ledger.jobs (kind, finished_at) where state = 'succeeded'`);
    // One row per batch of the relay: when the outbox rows of which transactions were with the broker.
    await runner.query(`
      create table ledger.relayed (
        at timestamptz not null,
        queued_at timestamptz[] not null
      )`);
    await runner.query(`create index relayed_at on ledger.relayed (at)`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, insert, update, delete on ledger.relayed to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ledger.relayed`);
    await runner.query(`drop index ledger.jobs_finished, ledger.jobs_batch_running, ledger.jobs_batch`);
    await runner.query(`create index jobs_batch on ledger.jobs (batch_id) where batch_id is not null`);
    await runner.query(`alter table ledger.jobs drop column received_at, drop column progressed_at`);
    await runner.query(`drop index ledger.batches_cancelling`);
    await runner.query(
      `alter table ledger.batches drop column cancel_requested_at, drop column callback_jobs, drop column traceparent,
         add column death_called boolean not null default false`,
    );
  }
}
