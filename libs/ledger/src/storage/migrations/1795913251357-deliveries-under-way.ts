import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How much of each queue is under way: sent to the broker and not yet asked for. Each process adds what it sees to a row of its own. Unlogged: after a
 * crash of the database the sums begin anew and are set right by counting.
 */
export class DeliveriesUnderWay1795913251357 implements MigrationInterface {
  name = 'DeliveriesUnderWay1795913251357';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create unlogged table ledger.flights (
        process text not null,
        queue text not null,
        sent bigint not null default 0,
        landed bigint not null default 0,
        ended bigint not null default 0,
        claimed_to timestamptz,
        surplus bigint not null default 0,
        at timestamptz not null default now(),
        primary key (process, queue)
      ) with (fillfactor = 50)`);
    await runner.query(`alter table ledger.jobs add column yields smallint not null default 0`);
    // Deliveries that a worker has had in hand for a while without asking for them.
    await runner.query(`alter table ledger.workers add column held uuid[] not null default '{}'`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, insert, update, delete on ledger.flights to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.workers drop column held`);
    await runner.query(`alter table ledger.jobs drop column yields`);
    await runner.query(`drop table ledger.flights`);
  }
}
