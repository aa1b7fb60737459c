import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { walls } from './rooms/walls.mjs';
import { houses } from './rooms/houses.mjs';

const root = resolve(import.meta.dirname, '..');
const run = promisify(execFile);

// [name, file, code, message]; the files are never written: ESLint takes the text and the name it would have.
const forbidden = [
  [
    'a worker imports the ledger',
    'apps/importer/src/x.ts',
    `import '@roundhouse/ledger';`,
    'can only depend on libs tagged',
  ],
  ['a worker imports amqplib', 'apps/importer/src/x.ts', `import 'amqplib';`, 'is not allowed to import "amqplib"'],
  [
    'a worker imports the testing library',
    'apps/importer/src/x.ts',
    `import '@roundhouse/testing';`,
    'can only depend on',
  ],
  ['the gateway imports amqplib', 'apps/gateway/src/x.ts', `import 'amqplib';`, 'is not allowed to import "amqplib"'],
  ['jobs import rabbitmq', 'libs/jobs/src/x.ts', `import '@roundhouse/rabbitmq';`, 'Circular dependency'],
  ['jobs import Nest', 'libs/jobs/src/x.ts', `import '@nestjs/common';`, 'is not allowed to import "@nestjs/common"'],
  ['contracts import jobs', 'libs/contracts/src/x.ts', `import '@roundhouse/jobs';`, 'Circular dependency'],
  [
    'rabbitmq imports the ledger',
    'libs/rabbitmq/src/x.ts',
    `import '@roundhouse/ledger';`,
    'can only depend on libs tagged',
  ],
  [
    'the ledger imports rabbitmq',
    'libs/ledger/src/x.ts',
    `import '@roundhouse/rabbitmq';`,
    'can only depend on libs tagged',
  ],
  ['the ledger imports amqplib', 'libs/ledger/src/x.ts', `import 'amqplib';`, 'is not allowed to import "amqplib"'],
  [
    'the console imports the contracts',
    'apps/console/src/x.tsx',
    `import '@roundhouse/contracts';`,
    'cannot depend on any libs',
  ],
  [
    "the console's platform imports a workload",
    'apps/console/src/platform/palette/x.ts',
    `import '../../workloads/mesh/index.js';`,
    'Room platform/palette does not open the door of workloads/mesh',
  ],
  [
    "the console's platform imports a workload when it runs",
    'apps/console/src/platform/pages/jobs/x.tsx',
    `const page = () => import('../../../workloads/mesh/mesh-page.js');`,
    'Room workloads/mesh is entered by its door',
  ],
  [
    'a page of the console goes past a door',
    'apps/console/src/workloads/trading/x.tsx',
    `import '../../platform/components/button.js';`,
    'Room platform/components is entered by its door',
  ],
  [
    'an app imports another by its name',
    'apps/importer/src/x.ts',
    `import '@roundhouse/scorer/src/config.js';`,
    'Import a package by its name',
  ],
  [
    'an app imports another by its path',
    'apps/importer/src/x.ts',
    `import '../../scorer/src/config.js';`,
    'cannot be imported by a relative',
  ],
  [
    'a library is imported by its path',
    'apps/importer/src/x.ts',
    `import '../../../libs/jobs/src/index.js';`,
    'cannot be imported by a relative',
  ],
  [
    'a package is imported below its name',
    'apps/importer/src/x.ts',
    `import '@roundhouse/jobs/src/attempt.js';`,
    'Import a package by its name',
  ],
  [
    'a room of the ledger goes past the door of another',
    'libs/ledger/src/claiming/x.ts',
    `import '../records/locked-jobs.js';`,
    'is entered by its door',
  ],
  [
    'a room of the ledger imports against the arrows',
    'libs/ledger/src/storage/x.ts',
    `export { transition } from '../transitions/index.js';`,
    'Room storage does not open the door of transitions',
  ],
  [
    'a room imports at run time what it may not',
    'libs/ledger/src/records/x.ts',
    `export const late = () => import('../dead/index.js');`,
    'Room records does not open the door of dead',
  ],
  [
    'a room imports the front of its house',
    'libs/ledger/src/records/x.ts',
    `import type { Claims } from '../index.js';\nexport type X = Claims;`,
    'imports the front of its house',
  ],
  [
    "the worker's room imports the ledger's",
    'libs/rabbitmq/src/worker/x.ts',
    `import '../ledger-side/index.js';`,
    'Room worker does not open the door of ledger-side',
  ],
  [
    "the worker's room imports Nest",
    'libs/rabbitmq/src/worker/x.ts',
    `import '@nestjs/common';`,
    'Nest is known in the room nest/ alone',
  ],
  ['a folder is no room', 'libs/ledger/src/attic/x.ts', `import '../storage/index.js';`, 'is no room'],
  [
    'the platform imports a package of a workload',
    'apps/gateway/src/platform/jobs/x.ts',
    `import '@roundhouse/trading';`,
    'A workload is known to its folder',
  ],
  [
    'the platform imports a package below its name',
    'apps/gateway/src/platform/jobs/x.ts',
    `import '@roundhouse/ledger/src/x.js';`,
    'Import a package by its name',
  ],
  [
    'the front of the gateway imports a package of a workload',
    'apps/gateway/src/x.ts',
    `import '@roundhouse/mesh';`,
    'A workload is known to its folder',
  ],
  [
    'the front of the gateway imports one workload',
    'apps/gateway/src/x.ts',
    `import './workloads/spreadsheets/index.js';`,
    'by the list of workloads/index.ts',
  ],
  [
    'the platform imports a workload',
    'apps/gateway/src/platform/jobs/x.ts',
    `import '../../workloads/trading/index.js';`,
    'Room platform/jobs does not open the door of workloads/trading',
  ],
  [
    'the platform imports the list of workloads',
    'apps/gateway/src/platform/workload/x.ts',
    `export { workloads } from '../../workloads/index.js';`,
    'Room platform/workload does not open the door of workloads',
  ],
  [
    'a workload imports another',
    'apps/gateway/src/workloads/trading/x.ts',
    `import '../mesh/index.js';`,
    'Room workloads/trading does not open the door of workloads/mesh',
  ],
  [
    'a workload imports a file of the platform past its door',
    'apps/gateway/src/workloads/trading/x.ts',
    `import '../../platform/http/problem.js';`,
    'Room platform/http is entered by its door',
  ],
  [
    'a room of the gateway imports one above it',
    'apps/gateway/src/platform/http/x.ts',
    `import '../access/index.js';`,
    'Room platform/http does not open the door of platform/access',
  ],
  [
    'a file of the gateway stands in no room',
    'apps/gateway/src/platform/x.ts',
    `import './http/index.js';`,
    'is no room',
  ],
];
const allowed = [
  [
    'a worker imports what it may',
    'apps/importer/src/x.ts',
    `import '@roundhouse/jobs';\nimport '@roundhouse/trading';`,
  ],
  [
    'a room opens the door of another',
    'libs/ledger/src/claiming/x.ts',
    `import '../records/index.js';\nimport './gates.js';`,
  ],
  [
    'a workload imports its package and doors of the platform',
    'apps/gateway/src/workloads/trading/x.ts',
    `import '@roundhouse/trading';\nimport '../../platform/http/index.js';`,
  ],
  [
    'the front of the gateway imports the list of workloads',
    'apps/gateway/src/x.ts',
    `import './workloads/index.js';\nimport './platform/http/index.js';`,
  ],
  [
    "the console's front opens every door",
    'apps/console/src/main.tsx',
    `import './platform/app/index.js';\nimport './workloads/index.js';`,
  ],
  ['a spec imports the testing library', 'libs/jobs/src/x.spec.ts', `import '@roundhouse/testing';`],
];

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
