import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * From when on a grant comes with a token, without which its worker cannot report. Where there are jobs already, workers and gateways from before may go
 * on for an hour: a deploy replaces them one by one.
 */
export class GrantTokens1795927200000 implements MigrationInterface {
  name = 'GrantTokens1795927200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table ledger.grant_tokens (demanded_from timestamptz not null)`);
    await runner.query(`
      insert into ledger.grant_tokens (demanded_from)
      select now() + case when exists (select from ledger.jobs) then interval '1 hour' else interval '0' end`);
    const roles = await runner.query(`select from pg_roles where rolname = 'roundhouse_gateway'`);
    if (roles.length === 0) return;
    await runner.query(`grant select on ledger.grant_tokens to roundhouse_gateway`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ledger.grant_tokens`);
  }
}
