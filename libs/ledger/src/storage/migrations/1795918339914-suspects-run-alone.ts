import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs that may be what takes workers down run with nobody beside them, until one of them is shown to be. */
export class SuspectsRunAlone1795918339914 implements MigrationInterface {
  name = 'SuspectsRunAlone1795918339914';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ledger.jobs
        add column alone boolean not null default false,
        add column lone_crashes smallint not null default 0`);
    // Few, and asked for when the guilty one is found.
    await runner.query(`
      create index jobs_crashed on ledger.jobs (id) where crashes > 0 and state not in ('succeeded', 'dead', 'cancelled')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index ledger.jobs_crashed`);
    await runner.query(`alter table ledger.jobs drop column alone, drop column lone_crashes`);
  }
}
