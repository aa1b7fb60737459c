import { createInboxSql } from '@roundhouse/inbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = `
  create schema if not exists trading;

  create table trading.profiles (
    tenant_id       text        not null,
    user_id         text        not null,
    time_zone       text        not null default 'UTC',
    currency        text        not null default 'USD',
    lot_method      text        not null default 'fifo' check (lot_method in ('fifo', 'average')),
    starting_equity numeric,
    created_at      timestamptz(3) not null default now(),
    updated_at      timestamptz(3) not null default now(),
    primary key (tenant_id, user_id)
  );

  create table trading.connections (
    id          uuid        primary key,
    tenant_id   text        not null,
    user_id     text        not null,
    broker      text        not null,
    name        text        not null,
    settings    jsonb       not null default '{}',
    credentials text        not null,
    created_at  timestamptz(3) not null default now(),
    updated_at  timestamptz(3) not null default now(),
    unique (tenant_id, user_id, name)
  );

  create table trading.uploads (
    storage_key text        primary key,
    tenant_id   text        not null,
    user_id     text        not null,
    name        text        not null,
    bytes       bigint      not null,
    sha256      text        not null,
    created_at  timestamptz(3) not null default now()
  );
  create index uploads_owner on trading.uploads (tenant_id, user_id, created_at);

  create table trading.imports (
    id             uuid        primary key, -- the job's id: one import per job
    tenant_id      text        not null,
    user_id        text        not null,
    connection_id  uuid,
    storage_key    text,
    cursor         text,
    pages          integer     not null default 0,
    fetched        integer     not null default 0,
    stored         integer     not null default 0,
    failed         integer     not null default 0,
    first_trade_at timestamptz(3),
    last_trade_at  timestamptz(3),
    started_at     timestamptz(3) not null default now(),
    updated_at     timestamptz(3) not null default now(),
    finished_at    timestamptz(3)
  );
  create index imports_owner on trading.imports (tenant_id, user_id, started_at);

  create table trading.import_row_errors (
    id          bigint      generated always as identity primary key,
    tenant_id   text        not null,
    import_id   uuid        not null references trading.imports (id) on delete cascade,
    row_number  integer     not null,
    column_name text        not null,
    value       text        not null,
    message     text        not null
  );
  create index import_row_errors_import on trading.import_row_errors (import_id, id);

  create table trading.fills (
    id           uuid        primary key,
    seq          bigint      generated always as identity, -- order within one instant
    tenant_id    text        not null,
    user_id      text        not null,
    broker       text        not null,
    ext_id       text        not null,
    symbol       text        not null,
    side         text        not null check (side in ('buy', 'sell')),
    quantity     numeric     not null check (quantity > 0),
    price        numeric     not null check (price >= 0),
    fee          numeric     not null default 0,
    fee_currency text        not null default '',
    at           timestamptz(3) not null,
    import_id    uuid,
    unique (tenant_id, user_id, broker, ext_id)
  );
  create index fills_time on trading.fills (tenant_id, user_id, at, seq);

  -- Market data is the same for everybody: the two tables without a tenant.
  create table trading.bars (
    source text not null,
    symbol text not null,
    date   date not null,
    open   numeric not null,
    high   numeric not null,
    low    numeric not null,
    close  numeric not null,
    volume numeric not null,
    primary key (source, symbol, date)
  );
  create table trading.bar_ranges (
    source     text not null,
    symbol     text not null,
    since      date not null,
    until      date not null, -- inclusive
    found      boolean not null,
    adjusted   boolean not null, -- prices restated for splits
    splits     jsonb   not null,
    fetched_at timestamptz(3) not null default now(),
    primary key (source, symbol)
  );

  create table trading.round_trips (
    id            uuid        not null,
    tenant_id     text        not null,
    user_id       text        not null,
    symbol        text        not null,
    direction     text        not null check (direction in ('long', 'short')),
    method        text        not null check (method in ('fifo', 'average')),
    entry_fill_id uuid        not null,
    exit_fill_id  uuid        not null,
    entry_at      timestamptz(3) not null,
    exit_at       timestamptz(3) not null,
    quantity      numeric     not null,
    entry_price   numeric     not null,
    exit_price    numeric     not null,
    entry_cost    numeric     not null,
    exit_cost     numeric     not null,
    pnl           numeric     not null,
    primary key (tenant_id, id)
  );
  create index round_trips_exit on trading.round_trips (tenant_id, user_id, exit_at, id);

  create table trading.tags (
    id            uuid        not null,
    tenant_id     text        not null,
    user_id       text        not null,
    label         text        not null,
    scope         text        not null check (scope in ('trade', 'window')),
    symbol        text,
    fill_id       uuid,
    round_trip_id uuid,
    at            timestamptz(3) not null,
    since         timestamptz(3), -- the window that was scored; null: open
    until         timestamptz(3),
    confidence    double precision not null check (confidence between 0 and 1),
    features      jsonb       not null,
    method        text        not null,
    n             integer     not null,
    baseline      double precision,
    insight       text        not null,
    created_at    timestamptz(3) not null default now(),
    primary key (tenant_id, id)
  );
  create index tags_time on trading.tags (tenant_id, user_id, at, id);

  -- Every window label's outcome, also "nothing there" and "too few trades".
  create table trading.findings (
    tenant_id        text        not null,
    user_id          text        not null,
    since            timestamptz(3),
    until            timestamptz(3),
    label            text        not null,
    status           text        not null check (status in ('tagged', 'not_tagged', 'insufficient_data')),
    confidence       double precision,
    p_value          double precision,
    adjusted_p_value double precision,
    features         jsonb       not null,
    method           text        not null,
    n                integer     not null,
    baseline         double precision,
    insight          text        not null,
    created_at       timestamptz(3) not null default now(),
    unique nulls not distinct (tenant_id, user_id, since, until, label)
  );

  create table trading.simulations (
    id               uuid        primary key,
    tenant_id        text        not null,
    user_id          text        not null,
    round_trip_id    uuid        not null,
    horizon_days     integer     not null,
    bars_version     text        not null,
    partial          boolean     not null,
    pnl_actual       numeric     not null,
    best_alternative text        not null,
    best_delta_pnl   numeric,
    outcome          jsonb       not null,
    computed_at      timestamptz(3) not null default now(),
    unique (tenant_id, user_id, round_trip_id, horizon_days, bars_version)
  );

  create table trading.digests (
    id           uuid        primary key,
    tenant_id    text        not null,
    user_id      text        not null,
    period_start date        not null,
    period_end   date        not null, -- exclusive
    time_zone    text        not null,
    trades       integer     not null,
    snapshot     jsonb       not null,
    html         text        not null,
    generated_at timestamptz(3) not null default now(),
    unique (tenant_id, user_id, period_start)
  );
`;

/** The run-time roles are made by whoever installs the platform; a test database has none. */
const grants = `
  do $$
  declare grantee text;
  begin
    for grantee in select rolname from pg_roles where rolname in ('roundhouse_worker', 'roundhouse_gateway') loop
      execute format('grant usage on schema trading to %I', grantee);
      execute format('grant select, insert, update, delete on all tables in schema trading to %I', grantee);
      execute format('alter default privileges in schema trading grant select, insert, update, delete on tables to %I', grantee);
    end loop;
  end $$;
`;

export class CreateTrading1763770000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(createInboxSql('trading'));
    await runner.query(grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema trading cascade');
  }
}
