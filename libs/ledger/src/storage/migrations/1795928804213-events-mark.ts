import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Up to when what workers have reported is in the ledger: one row, written when a mark has come through the events queue. */
export class EventsMark1795928804213 implements MigrationInterface {
  name = 'EventsMark1795928804213';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ledger.events_mark (
        only_one boolean primary key default true check (only_one),
        applied_to timestamptz not null default '-infinity'
      ) with (fillfactor = 20)`);
    await runner.query(`insert into ledger.events_mark default values`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, update on ledger.events_mark to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ledger.events_mark`);
  }
}
