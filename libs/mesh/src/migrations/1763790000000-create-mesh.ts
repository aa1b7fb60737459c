import { createInboxSql } from '@roundhouse/inbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

// Options and results are encoded messages of the contract (roundhouse.mesh.v1).
const tables = `
  create schema if not exists mesh;

  create table mesh.uploads (
    storage_key text        primary key,
    tenant_id   text        not null,
    name        text        not null,
    bytes       bigint      not null,
    sha256      text        not null,
    created_at  timestamptz(3) not null default now()
  );
  create index uploads_age on mesh.uploads (created_at);

  create table mesh.batches (
    id          uuid        primary key,
    tenant_id   text        not null,
    name        text        not null,
    options     bytea       not null,
    concurrency integer     not null,
    round       integer     not null default 1, -- raised by every retry
    jobs        uuid,       -- the platform's batch with the jobs of the round
    state       text        not null default 'open' check (state in ('open', 'waiting', 'running', 'finished', 'cancelled')),
    total       integer     not null default 0,
    created_at  timestamptz(3) not null default now(),
    started_at  timestamptz(3),
    sent_at     timestamptz(3), -- when the jobs of the round were handed to the ledger
    finished_at timestamptz(3)
  );
  create index batches_owner on mesh.batches (tenant_id, created_at desc, id desc);
  create index batches_to_send on mesh.batches (started_at) where state = 'running' and sent_at is null;

  create table mesh.meshes (
    id            uuid        primary key, -- the first job's id, unless a batch gave it
    tenant_id     text        not null,
    batch_id      uuid,
    position      integer     not null default 0,
    round         integer     not null default 1, -- of its batch, in which it is to be made
    name          text        not null default '',
    storage_key   text,
    image_url     text,
    options       bytea       not null,
    state         text        not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    job_id        uuid,
    result        bytea,
    error_code    text,
    error_message text,
    error_field   text,
    created_at    timestamptz(3) not null default now(),
    finished_at   timestamptz(3),
    check ((storage_key is null) <> (image_url is null))
  );
  create index meshes_owner on mesh.meshes (tenant_id, created_at desc, id desc);
  create index meshes_batch on mesh.meshes (batch_id, position) where batch_id is not null;
  create index meshes_failed on mesh.meshes (finished_at) where state = 'failed';
  create index meshes_image on mesh.meshes (storage_key) where storage_key is not null;

  create table mesh.files (
    storage_key text        primary key,
    mesh_id     uuid        not null references mesh.meshes on delete cascade,
    format      text        not null, -- glb, stl, obj, thumbnail
    bytes       bigint      not null,
    sha256      text        not null,
    created_at  timestamptz(3) not null default now(),
    unique (mesh_id, format)
  );

  create table mesh.engine_tasks (
    job_id     uuid        primary key, -- of the mesh
    tenant_id  text        not null,
    task_id    text        not null,    -- at the external engine
    round      integer     not null,    -- 1, and one more for every task made after one that failed
    status     text        not null default 'queued',
    sequence   bigint      not null default 0,
    progress   float8      not null default 0,
    result_url text        not null default '',
    message    text        not null default '',
    created_at timestamptz(3) not null default now()
  );
`;

/** The run-time roles are made by whoever installs the platform; a test database has none. */
const grants = `
  do $$
  declare grantee text;
  begin
    for grantee in select rolname from pg_roles where rolname in ('roundhouse_worker', 'roundhouse_gateway') loop
      execute format('grant usage on schema mesh to %I', grantee);
      execute format('grant select, insert, update, delete on all tables in schema mesh to %I', grantee);
      execute format('alter default privileges in schema mesh grant select, insert, update, delete on tables to %I', grantee);
    end loop;
  end $$;
`;

export class CreateMesh1763790000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(createInboxSql('mesh'));
    await runner.query(grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema mesh cascade');
  }
}
