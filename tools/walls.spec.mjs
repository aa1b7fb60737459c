import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { walls } from './rooms/walls.mjs';
import { houses } from './rooms/houses.mjs';
import { allowed, forbidden } from './rooms/import-cases.mjs';

const root = resolve(import.meta.dirname, '..');
const run = promisify(execFile);

const program = `
  import { ESLint } from 'eslint';
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const eslint = new ESLint();
  const results = [];
  for (const [filePath, text] of JSON.parse(Buffer.concat(chunks).toString())) {
    const [{ messages }] = await eslint.lintText(text, { filePath });
    results.push(messages.map((m) => m.message));
  }
  process.stdout.write('\\n' + JSON.stringify(results));
`;

/** The messages of the project's own ESLint configuration for each [file, text]. */
async function lint(cases, env = {}) {
  const child = run('node', ['--input-type=module', '-e', program], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', ...env },
    maxBuffer: 1 << 24,
  });
  child.child.stdin.end(JSON.stringify(cases));
  const { stdout } = await child;
  expect(stdout).not.toContain('The rule will be skipped');
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n')));
}

describe('the import walls', () => {
  let results;
  const all = [...forbidden, ...allowed];

  beforeAll(async () => {
    results = await lint(all.map(([, file, text]) => [file, text]));
  }, 120_000);

  test.each(forbidden.map(([name, , , message], i) => [name, message, i]))('%s: refused', (_name, message, i) => {
    expect(results[i].join('\n')).toContain(message);
  });

  test.each(allowed.map(([name], i) => [name, forbidden.length + i]))('%s: fine', (_name, i) => {
    expect(results[i]).toEqual([]);
  });

  test('are checked also where nx has no graph yet', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'roundhouse-walls-'));
    try {
      const [, file, text, message] = forbidden[0];
      const [messages] = await lint([[file, text]], { NX_WORKSPACE_DATA_DIRECTORY: cache });
      expect(messages.join('\n')).toContain(message);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  }, 120_000);
});

const packages = ['libs', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).flatMap((name) => {
    const folder = join(root, group, name);
    try {
      return [
        { path: `${group}/${name}`, folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) },
      ];
    } catch (error) {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    }
  }),
);

/** Names of the packages that a workspace's code imports, its specs and fixtures not counted. */
function imports(folder) {
  const names = new Set();
  for (const entry of readdirSync(join(folder, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/(?<!\.spec|\.d)\.tsx?$/.test(entry.name) || entry.parentPath.includes('/simulation'))
      continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import)\s*\(?\s*'((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^']*)?'/g))
      names.add(name);
  }
  return names;
}

test('no platform room of any house may open a workload', () => {
  const opened = houses.flatMap(({ rooms }) =>
    Object.entries(rooms).flatMap(([room, doors]) => (room.startsWith('platform/') ? doors : [])),
  );
  expect(opened).toContain('platform/api');
  expect(opened.filter((door) => door.startsWith('workloads'))).toEqual([]);
});

describe.each(packages)('$path', ({ path, folder, manifest }) => {
  test('has a tag that a wall knows', () => {
    expect(manifest.nx.tags).toHaveLength(1);
    expect(walls.map(({ sourceTag }) => sourceTag)).toContain(manifest.nx.tags[0]);
  });

  test('declares every package that its code imports', () => {
    const declared = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies };
    const missing = [...imports(folder)].filter((name) => !(name in declared) && name !== manifest.name);
    expect(missing).toEqual([]);
  });

  test('can be imported by its name if, and only if, it is a library', () => {
    expect([manifest.main, Object.keys(manifest.exports ?? {})]).toEqual([
      undefined,
      path.startsWith('libs/') ? ['.'] : [],
    ]);
  });
});
