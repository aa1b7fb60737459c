import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = `
  create schema if not exists spreadsheets;

  create table spreadsheets.templates (
    id         uuid        primary key default gen_random_uuid(),
    tenant_id  text        not null,
    name       text        not null,
    version    integer     not null default 1,
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    deleted_at timestamptz(3)
  );
  create unique index templates_name on spreadsheets.templates (tenant_id, name) where deleted_at is null;

  -- Never changed: a running import keeps the version it began with.
  create table spreadsheets.template_versions (
    template_id uuid        not null references spreadsheets.templates on delete cascade,
    version     integer     not null,
    definition  jsonb       not null,
    created_at  timestamptz(3) not null default now(),
    primary key (template_id, version)
  );

  create table spreadsheets.queries (
    id         uuid        primary key default gen_random_uuid(),
    tenant_id  text        not null,
    name       text        not null,
    definition jsonb       not null,
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    unique (tenant_id, name)
  );

  create table spreadsheets.targets (
    id         bigint      generated always as identity primary key,
    tenant_id  text        not null,
    name       text        not null,
    created_at timestamptz(3) not null default now(),
    unique (tenant_id, name)
  );

  -- What has been imported. Stays when uploads and imports have expired.
  create table spreadsheets.records (
    target_id  bigint      not null,
    key        text        collate "C" not null,
    data       jsonb       not null,
    import_id  uuid        not null,
    source_row integer     not null,
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    primary key (target_id, key)
  );

  create table spreadsheets.uploads (
    id          uuid        primary key,
    tenant_id   text        not null,
    storage_key text        not null,
    name        text        not null,
    type        text        not null,
    bytes       bigint      not null,
    sha256      text        not null,
    facts       jsonb       not null,
    created_at  timestamptz(3) not null default now(),
    expires_at  timestamptz(3) not null
  );
  create index uploads_owner on spreadsheets.uploads (tenant_id, created_at);
  create index uploads_expiry on spreadsheets.uploads (expires_at);

  create table spreadsheets.imports (
    id               uuid        primary key, -- the job's id
    tenant_id        text        not null,
    upload_id        uuid        not null,
    template_id      uuid        not null,
    template_version integer     not null,
    target           text        not null,
    file_name        text        not null,
    status           text        not null default 'pending'
                     check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    message          text        not null default '',
    dry_run          boolean     not null,
    mode             text        not null,
    corrects         uuid,
    sheet            text,
    header_row       integer,
    columns          jsonb,
    mapping          jsonb,
    total_rows       integer     not null default 0,
    cursor_row       integer     not null default 0,
    rows             integer     not null default 0,
    created          integer     not null default 0,
    updated          integer     not null default 0,
    unchanged        integer     not null default 0,
    failed           integer     not null default 0,
    failed_file      text,
    created_at       timestamptz(3) not null default now(),
    started_at       timestamptz(3),
    updated_at       timestamptz(3) not null default now(),
    finished_at      timestamptz(3),
    expires_at       timestamptz(3) not null
  );
  create index imports_owner on spreadsheets.imports (tenant_id, created_at);
  create index imports_expiry on spreadsheets.imports (expires_at);

  create table spreadsheets.row_errors (
    id          bigint      generated always as identity primary key,
    import_id   uuid        not null references spreadsheets.imports on delete cascade,
    sheet       text        not null,
    row         integer     not null,
    column_name text        not null,
    value       text        not null,
    rule        text        not null,
    message     text        not null
  );
  create index row_errors_import on spreadsheets.row_errors (import_id, id);

  -- The cells of rows that failed, to be written into a file that can be corrected.
  create table spreadsheets.failed_rows (
    import_id uuid    not null references spreadsheets.imports on delete cascade,
    row       integer not null,
    cells     jsonb   not null,
    primary key (import_id, row)
  );

  -- Good rows of an import that stores all or nothing, until its end.
  create table spreadsheets.staged_rows (
    import_id uuid    not null references spreadsheets.imports on delete cascade,
    row       integer not null,
    key       text    collate "C" not null,
    data      jsonb   not null,
    primary key (import_id, row)
  );

  create table spreadsheets.exports (
    id          uuid        primary key, -- the job's id
    tenant_id   text        not null,
    status      text        not null default 'pending'
                check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    message     text        not null default '',
    format      text        not null,
    name        text        not null,
    storage_key text,
    rows        integer     not null default 0,
    bytes       bigint      not null default 0,
    created_at  timestamptz(3) not null default now(),
    updated_at  timestamptz(3) not null default now(),
    finished_at timestamptz(3),
    expires_at  timestamptz(3) not null
  );
  create index exports_owner on spreadsheets.exports (tenant_id, created_at);
  create index exports_expiry on spreadsheets.exports (expires_at);
`;

/** The run-time roles are made by whoever installs the platform; a test database has none. */
const grants = `
  do $$
  declare grantee text;
  begin
    for grantee in select rolname from pg_roles where rolname in ('roundhouse_worker', 'roundhouse_gateway') loop
      execute format('grant usage on schema spreadsheets to %I', grantee);
      execute format('grant select, insert, update, delete on all tables in schema spreadsheets to %I', grantee);
      execute format('alter default privileges in schema spreadsheets grant select, insert, update, delete on tables to %I', grantee);
    end loop;
  end $$;
`;

export class CreateSpreadsheets1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema spreadsheets cascade');
  }
}
