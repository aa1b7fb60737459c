import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase } from '@roundhouse/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { appliedMigrations, migrateWhenNeeded } from './migrations.mjs';
import { Store } from './store.mjs';

let database;
let client;
let folder;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

test('migrations run for a new database, new code and a database that has lost some, else not', async () => {
  const store = new Store(folder);
  let runs = 0;
  const run = async () => {
    runs += 1;
    await client.query('create schema if not exists one; create table if not exists one.one_migrations (id integer)');
    await client.query('create table if not exists public.two_migrations (id integer)');
    await client.query('insert into one.one_migrations values (1), (2); insert into public.two_migrations values (1)');
  };
  expect(await appliedMigrations(database.url)).toBe(0);
  expect(await migrateWhenNeeded(database.url, 'a', store, run)).toBe(true);
  expect(await migrateWhenNeeded(database.url, 'a', new Store(folder), run)).toBe(false);
  expect([runs, await appliedMigrations(database.url)]).toEqual([1, 3]);
  expect(await migrateWhenNeeded(database.url, 'b', store, run)).toBe(true);
  expect(await migrateWhenNeeded(database.url, 'b', store, run)).toBe(false);
  await client.query('delete from one.one_migrations where id = 2'); // a backup from before it was restored
  expect(await migrateWhenNeeded(database.url, 'b', store, run)).toBe(true);
  expect(runs).toBe(3);
});
