import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Targets become tables. The run-time roles own nothing, so tables are made and dropped by functions with the owner's rights, which take
 * names and types only, check them, and know which schema a tenant has.
 */
const functions = `
  alter table spreadsheets.targets add column table_schema text not null;

  -- 'sheets_acme'. A name that cannot be one, or looks like a changed one, is changed and gets a hash, so that no two tenants meet.
  create function spreadsheets.schema_of(tenant text) returns text
    language sql immutable set search_path = pg_catalog, pg_temp as $$
    select 'sheets_' || case
      when tenant ~ '^[a-z][a-z0-9_]{0,47}$' and tenant !~ '_[0-9a-f]{12}$' then tenant
      else left(regexp_replace(lower(tenant), '[^a-z0-9]+', '_', 'g'), 36) || '_' || left(encode(sha256(convert_to(tenant, 'UTF8')), 'hex'), 12)
    end
  $$;

  -- Makes the table of a target, or adds what it lacks of these columns; columns that are there stay as they are.
  create function spreadsheets.shape_target(tenant text, target text, names text[], types text[]) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
  declare
    home text := spreadsheets.schema_of(tenant);
    grantee text;
    i integer;
  begin
    if target !~ '^[a-z][a-z0-9_]{0,62}$' then
      raise exception 'no target name: %', target;
    end if;
    for i in 1 .. cardinality(names) loop
      if names[i] !~ '^[a-z][a-z0-9_]{0,62}$' or types[i] is null
         or types[i] <> all ('{text,int8,numeric,bool,date,timestamptz}'::text[]) then
        raise exception 'no column of a target: % %', names[i], types[i];
      end if;
    end loop;
    perform pg_advisory_xact_lock(hashtextextended('spreadsheets.targets', 0));
    insert into spreadsheets.targets (tenant_id, name, table_schema) values (tenant, target, home)
      on conflict (tenant_id, name) do nothing;
    if to_regclass(format('%I.%I', home, target)) is null then
      execute format('create schema if not exists %I', home);
      execute format('create table %I.%I (%s
        _key        text        collate "C" primary key,
        _import_id  uuid        not null,
        _source_row integer     not null,
        _created_at timestamptz(3) not null default now(),
        _updated_at timestamptz(3) not null default now())', home, target,
        (select string_agg(format('%I %s, ', n.name, types[n.at]), '' order by n.at) from unnest(names) with ordinality as n(name, at)));
      for grantee in select rolname from pg_roles where rolname in ('roundhouse_worker', 'roundhouse_gateway') loop
        execute format('grant usage on schema %I to %I', home, grantee);
        execute format('grant select, insert, update, delete on %I.%I to %I', home, target, grantee);
      end loop;
      return;
    end if;
    for i in 1 .. cardinality(names) loop
      -- Asked before, because even a column that is there takes the lock that waits for everybody.
      if not exists (select 1 from pg_attribute
                      where attrelid = to_regclass(format('%I.%I', home, target)) and attname = names[i] and not attisdropped) then
        execute format('alter table %I.%I add column %I %s', home, target, names[i], types[i]);
      end if;
    end loop;
  end $$;

  create function spreadsheets.drop_target(tenant text, target text) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
  begin
    perform pg_advisory_xact_lock(hashtextextended('spreadsheets.targets', 0));
    delete from spreadsheets.targets t where t.tenant_id = tenant and t.name = target;
    if found then
      execute format('drop table if exists %I.%I', spreadsheets.schema_of(tenant), target);
    end if;
  end $$;

  revoke execute on function spreadsheets.schema_of(text), spreadsheets.shape_target(text, text, text[], text[]),
    spreadsheets.drop_target(text, text) from public;
`;

const grants = `
  do $$
  declare grantee text;
  begin
    for grantee in select rolname from pg_roles where rolname in ('roundhouse_worker', 'roundhouse_gateway') loop
      execute format('grant execute on function spreadsheets.drop_target(text, text) to %I', grantee);
    end loop;
    for grantee in select rolname from pg_roles where rolname = 'roundhouse_worker' loop
      execute format('grant execute on function spreadsheets.shape_target(text, text, text[], text[]) to %I', grantee);
      -- Batches that meet records go through a temporary table.
      execute format('grant temporary on database %I to %I', current_database(), grantee);
    end loop;
  end $$;
`;

export class TargetTables1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // No release ever had these: nothing is carried over.
    await runner.query('drop table spreadsheets.records; delete from spreadsheets.targets');
    await runner.query(functions);
    await runner.query(grants);
  }

  async down(): Promise<void> {
    throw new Error('Targets cannot become rows again: restore a backup from before the migration');
  }
}
