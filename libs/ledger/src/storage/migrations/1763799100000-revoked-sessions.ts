import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions of the console that were logged out before their time; the others are not stored. */
export class RevokedSessions1763799100000 implements MigrationInterface {
  name = 'RevokedSessions1763799100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ledger.revoked_sessions (
        id text primary key,
        -- When the session would have ended by itself.
        expires_at timestamptz not null
      )`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select, insert, delete on ledger.revoked_sessions to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ledger.revoked_sessions`);
  }
}
