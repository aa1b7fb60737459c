import { createInboxSql } from '@roundhouse/inbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateProbe1763769600000 implements MigrationInterface {
  name = 'CreateProbe1763769600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema if not exists probe`);
    // Append-only and without a unique constraint: an effect that happens twice must be seen twice.
    await runner.query(`
      create table probe.effects (
        id bigint generated always as identity primary key,
        name text not null,
        step integer not null,
        job_id uuid not null,
        attempt integer not null,
        at timestamptz not null default clock_timestamp()
      )`);
    await runner.query(createInboxSql('probe'));
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_worker'`);
    if (roles.length === 0) return;
    await runner.query(`grant usage on schema probe to roundhouse_worker`);
    await runner.query(`grant select, insert, update, delete on all tables in schema probe to roundhouse_worker`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema probe cascade`);
  }
}
