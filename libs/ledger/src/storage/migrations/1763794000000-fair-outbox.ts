import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The outbox is where a backlog waits, so it must know whose turn it is: lanes of (queue, tenant), by priority and age. */
export class FairOutbox1763794000000 implements MigrationInterface {
  name = 'FairOutbox1763794000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ledger.outbox
        add column queue text not null default '',
        add column tenant_id text not null default '',
        add column priority smallint not null default 0`);
    await runner.query(`
      update ledger.outbox o set queue = j.queue, tenant_id = j.tenant_id, priority = j.priority from ledger.jobs j where j.id = o.job_id`);
    await runner.query(
      `create index outbox_lanes on ledger.outbox (queue, tenant_id, priority desc, id) where delay_ms = 0`,
    );
    await runner.query(`create index outbox_delayed on ledger.outbox (id) where delay_ms > 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index ledger.outbox_lanes, ledger.outbox_delayed`);
    await runner.query(`alter table ledger.outbox drop column queue, drop column tenant_id, drop column priority`);
  }
}
