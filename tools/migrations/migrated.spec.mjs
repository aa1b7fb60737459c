import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createMigratedDatabase } from '@roundhouse/testing';
import { join } from 'node:path';
import { newMigration } from './new-migration.mjs';
import { migrationsIn } from './owners.mjs';
import { copyOfTree } from './tree-copy.mjs';

let copy;
beforeEach(() => (copy = copyOfTree()));
afterEach(() => copy.remove());

test('a new migration runs after the others and can be undone', async () => {
  await newMigration(copy.root, 'probe', 'add-job-tags');
  const app = join(copy.root, 'apps/probe/src');
  const { probeDataSource } = await import(join(app, 'probe-database.ts'));
  const database = await createMigratedDatabase(probeDataSource);
  try {
    const applied = async () =>
      (await database.source.query('select name from probe_migrations order by id')).map(({ name }) => name);
    const all = migrationsIn(join(app, 'migrations')).map(({ className }) => className);
    expect(await applied()).toEqual(all);
    await database.source.undoLastMigration();
    expect(await applied()).toEqual(all.slice(0, -1));
  } finally {
    await database.close();
  }
});
