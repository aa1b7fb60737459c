import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Nobody looks an outbox row up by its number: the relay goes by lanes and removes what it has locked by its place, all others ask for a job's.
 * Every job paid for the index all the same.
 */
export class OutboxWithoutKey1763799000000 implements MigrationInterface {
  name = 'OutboxWithoutKey1763799000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.outbox drop constraint outbox_pkey`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.outbox add primary key (id)`);
  }
}
