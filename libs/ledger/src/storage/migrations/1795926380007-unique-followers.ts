import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is asked for while the job of a unique key runs waits as its follower; callers may bring keys of their own. */
export class UniqueFollowers1795926380007 implements MigrationInterface {
  name = 'UniqueFollowers1795926380007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ledger.unique_keys
        -- Starts when the holder is over, and holds the key from then on.
        add column follower_id uuid,
        -- Held until the holder is over, however short the period: jobs of the key never run side by side.
        add column exclusive boolean not null default false,
        -- The holder came behind another one: it is none that a period begins with.
        add column is_trailing boolean not null default false,
        add column held_until text not null default 'over'`);
    // What the request said of its uniqueness: whoever runs the job again goes by it.
    await runner.query(`alter table ledger.jobs add column unique_override jsonb`);
    // Of a request whose jobs were there before, by their place: a repeated request is answered alike.
    await runner.query(`alter table ledger.idempotency_keys add column stand_ins jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table ledger.idempotency_keys drop column stand_ins`);
    await runner.query(`alter table ledger.jobs drop column unique_override`);
    await runner.query(
      `alter table ledger.unique_keys drop column follower_id, drop column exclusive, drop column is_trailing, drop column held_until`,
    );
  }
}
