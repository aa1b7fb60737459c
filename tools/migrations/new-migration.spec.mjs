import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { newMigration } from './new-migration.mjs';
import { migrationOwners, migrationsIn } from './owners.mjs';
import { indexSource } from './source.mjs';
import { copyOfTree } from './tree-copy.mjs';

const root = resolve(import.meta.dirname, '../..');

describe.each(migrationOwners(root))('the migrations of $schema', ({ schema, folder }) => {
  test('are all in the list beside them, oldest first', async () => {
    const index = join(folder, 'index.ts');
    expect(readFileSync(index, 'utf8')).toBe(await indexSource(schema, migrationsIn(folder), index));
  });

  test('have the timestamp of their file in their name', () => {
    for (const { className, timestamp } of migrationsIn(folder)) expect(className).toMatch(new RegExp(`${timestamp}$`));
  });

  test('are every file beside that list', () => {
    const others = readdirSync(folder).filter((file) => file !== 'index.ts');
    expect(others.sort()).toEqual(migrationsIn(folder).map(({ file }) => file));
  });
});

test('the schemas are those of the tree', () => {
  const schemas = migrationOwners(root).map(({ schema }) => schema);
  expect(schemas).toEqual(expect.arrayContaining(['ledger', 'mesh', 'probe', 'spreadsheets', 'trading']));
});

describe('npm run new:migration', () => {
  let copy;
  beforeEach(() => (copy = copyOfTree()));
  afterEach(() => copy.remove());

  const call = (...words) =>
    spawnSync(process.execPath, [join(copy.root, 'tools/migrations/main.mjs'), ...words], { encoding: 'utf8' });
  const probe = () => join(copy.root, 'apps/probe/src/migrations');

  test('writes a migration that type checks and is formatted, and lists it', () => {
    const { stdout, stderr, status } = call('probe', 'add-job-tags');
    expect([stderr, status]).toEqual(['', 0]);
    const added = migrationsIn(probe()).at(-1);
    expect(stdout.trim().split('\n')).toEqual([
      `apps/probe/src/migrations/${added.file}`,
      'apps/probe/src/migrations/index.ts',
    ]);
    expect(added.className).toBe(`AddJobTags${added.timestamp}`);
    const bin = (name, ...args) =>
      execFileSync(join(root, 'node_modules/.bin', name), args, { cwd: copy.root, encoding: 'utf8' });
    expect(bin('prettier', '--list-different', probe())).toBe('');
    expect(bin('tsc', '-p', 'tsconfig.json')).toBe('');
    expect(readFileSync(join(probe(), 'index.ts'), 'utf8')).toContain(`, ${added.className}]`);
  }, 120_000);

  test('is later than the newest of its schema, whatever the clock says', async () => {
    await newMigration(copy.root, 'probe', 'first', 1_900_000_000_000);
    await newMigration(copy.root, 'probe', 'second', 1_800_000_000_000);
    expect(migrationsIn(probe()).map(({ file }) => file)).toEqual([
      '1763769600000-create-probe.ts',
      '1900000000000-first.ts',
      '1900000000001-second.ts',
    ]);
  });

  test.each([
    [['prob', 'add-tags'], /no schema "prob".*There are: .*probe/],
    [['probe', 'AddTags'], /"AddTags" is no name/],
    [['probe', 'add--tags'], /is no name/],
    [['probe', '../tags'], /is no name/],
    [['probe', 'create-probe'], /already: 1763769600000-create-probe\.ts/],
    [['probe'], /<schema> <name-in-kebab-case>\n.*probe/],
    [['probe', 'add', 'tags'], /<schema> <name-in-kebab-case>/],
  ])('%j is refused with what would be right', (words, message) => {
    const before = readdirSync(probe());
    const { stderr, status } = call(...words);
    expect([stderr, status]).toEqual([expect.stringMatching(message), 2]);
    expect(readdirSync(probe())).toEqual(before);
  });
});
