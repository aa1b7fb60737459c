import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a mark is about, for when no job is dead of it any more. Null: nobody has marked it since. */
export class FailureMarkCauses1763799200000 implements MigrationInterface {
  name = 'FailureMarkCauses1763799200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.failure_marks add column kind text, add column code text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.failure_marks drop column kind, drop column code`);
  }
}
