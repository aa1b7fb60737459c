import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people say of causes of death: not to be told of, or removed. */
export class FailureMarks1763798200000 implements MigrationInterface {
  name = 'FailureMarks1763798200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ledger.failure_marks (
        tenant_id text not null,
        fingerprint text not null,
        muted_at timestamptz,
        muted_by text,
        mute_reason text,
        -- Null: until somebody ends it.
        muted_until timestamptz,
        resolved_at timestamptz,
        resolved_by text,
        resolve_reason text,
        primary key (tenant_id, fingerprint)
      )`);
    await runner.query(`alter table ledger.job_statistics add column muted integer not null default 0`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, insert, update, delete on ledger.failure_marks to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.job_statistics drop column muted`);
    await runner.query(`drop table ledger.failure_marks`);
  }
}
