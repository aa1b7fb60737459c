import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModuleGraph } from './module-graph.mjs';
import { relatedSpecs } from './spec-selection.mjs';

const manifest = (name) => JSON.stringify({ name, exports: { '.': { '@roundhouse/source': './src/index.ts' } } });
const tree = {
  'libs/jobs/package.json': manifest('@roundhouse/jobs'),
  'libs/jobs/src/index.ts': `export { attempt, type Attempt } from './attempt.js';\nexport { lease } from './lease.js';\n`,
  'libs/jobs/src/attempt.ts': `import type { Lease } from './lease.js';\nexport const attempt = 1;\n`,
  'libs/jobs/src/attempt.spec.ts': `import { attempt } from './attempt.js';\n`,
  'libs/jobs/src/claiming/index.ts': `export { claim } from './claim.js';\nexport { gate } from './gate.js';\n`,
  'libs/jobs/src/claiming/claim.ts': '',
  'libs/jobs/src/claiming/gate.ts': '',
  'libs/jobs/src/worker.ts': `import { claim } from './claiming/index.js';\n`,
  'libs/jobs/src/lease.ts': `import { removed } from './removed.js';\nexport const lease = 1;\n`,
  'libs/testing/package.json': manifest('@roundhouse/testing'),
  'libs/testing/src/index.ts': `export { createTestDatabase } from './database.js';\nexport { testEnvironment } from './test-environment.js';\nexport { waitFor } from './wait-for.js';\n`,
  'libs/testing/src/database.ts': `import { testEnvironment } from './test-environment.js';\n`,
  'libs/testing/src/test-environment.ts': '',
  'libs/testing/src/wait-for.ts': '',
  'libs/ledger/package.json': manifest('@roundhouse/ledger'),
  'libs/ledger/src/index.ts': `export { lease as term } from '@roundhouse/jobs';\n`,
  'libs/ledger/src/rows.spec.ts': `import { attempt } from '@roundhouse/jobs';\nimport { createTestDatabase } from '@roundhouse/testing';\n`,
  'libs/ledger/src/wait.spec.ts': `import { term } from '@roundhouse/ledger';\nimport { waitFor } from '@roundhouse/testing';\n`,
  'e2e/run.e2e.ts': `import { attempt } from '@roundhouse/jobs';\nimport { testEnvironment } from '@roundhouse/testing';\n`,
  'tools/docs.spec.mjs': `read('docs/page.md');\n`,
  'docs/page.md': '',
};

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graph-'));
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const graph = (gone = ['libs/jobs/src/removed.ts']) => new ModuleGraph(root, Object.keys(tree), gone);

describe('the graph of modules', () => {
  test('leads from a name of a package to the file that has it, past the other files of the package', () => {
    expect([...graph().reach('libs/ledger/src/rows.spec.ts')]).toEqual([
      'libs/ledger/src/rows.spec.ts',
      'libs/jobs/src/attempt.ts',
      'libs/testing/src/database.ts',
      'libs/testing/src/test-environment.ts',
    ]);
  });

  test('follows a name that one package passes on from another, and to a file that is gone', () => {
    const reached = graph().reach('libs/ledger/src/wait.spec.ts');
    expect([...reached].filter((path) => path.startsWith('libs/jobs'))).toEqual([
      'libs/jobs/src/lease.ts',
      'libs/jobs/src/removed.ts',
    ]);
  });

  test('leads through the door of a room to the file that is meant', () => {
    expect([...graph().reach('libs/jobs/src/worker.ts')]).toEqual([
      'libs/jobs/src/worker.ts',
      'libs/jobs/src/claiming/claim.ts',
    ]);
  });

  test('types count where types are what matters', () => {
    expect(graph().reach('libs/jobs/src/attempt.ts').has('libs/jobs/src/lease.ts')).toBe(false);
    expect(graph().reach('libs/jobs/src/attempt.ts', 'types').has('libs/jobs/src/lease.ts')).toBe(true);
  });
});

describe('the specs of a change', () => {
  const related = (present, gone = []) => relatedSpecs(graph(gone), { present, gone }, (path) => tree[path]);

  test('are told apart by what they need', () => {
    expect(related(['libs/jobs/src/attempt.ts'])).toEqual({
      alone: ['libs/jobs/src/attempt.spec.ts'],
      servers: ['libs/ledger/src/rows.spec.ts'],
      platform: ['e2e/run.e2e.ts'],
    });
  });

  test('an end-to-end test that was itself changed is run where there are servers', () => {
    expect(related(['e2e/run.e2e.ts'])).toEqual({ alone: [], servers: ['e2e/run.e2e.ts'], platform: [] });
  });

  test('a removed file breaks those that still import it', () => {
    expect(related([], ['libs/jobs/src/removed.ts']).alone).toEqual(['libs/ledger/src/wait.spec.ts']);
  });

  test('a removed spec is not run', () => {
    expect(related([], ['libs/jobs/src/gone.spec.ts'])).toEqual({ alone: [], servers: [], platform: [] });
  });

  test('a page is checked by the spec that names it', () => {
    expect(related(['docs/page.md']).alone).toEqual(['tools/docs.spec.mjs']);
  });
});
