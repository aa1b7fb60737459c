import { expect, test } from '@jest/globals';
import { stepsFor } from './steps.mjs';

const imports = { 'e2e/browser/console.ts': ['libs/ledger/src/api-keys.ts'] };
const graph = {
  files: new Set(Object.keys(imports)),
  reach: (path) => new Set([path, ...(imports[path] ?? [])]),
};
const labels = (present, { gone = [], specs = [] } = {}) =>
  stepsFor(graph, { present, gone }, specs).map(({ label }) => label);

test.each([
  ['a page', ['docs/page.md'], ['formatting of 1 file']],
  ['a source', ['libs/ledger/src/relay.ts'], ['formatting of 1 file', 'types', 'lint of 1 file']],
  [
    'a source that the browser tests import',
    ['libs/ledger/src/api-keys.ts'],
    ['formatting of 1 file', 'types', 'lint of 1 file', 'types of the browser tests'],
  ],
  ['the console', ['apps/console/src/main.tsx'], ['formatting of 1 file', 'types of the console', 'lint of 1 file']],
  [
    'the gateway, of which the console has its types',
    ['apps/gateway/src/main.ts'],
    ['formatting of 1 file', 'types', 'lint of 1 file', 'types of the console'],
  ],
  ['a contract', ['proto/roundhouse/jobs.proto'], ['formatting of 1 file', 'generated code, buf lint']],
  [
    'the packages',
    ['package-lock.json'],
    ['formatting of 1 file', 'types', 'types of the console', 'types of the browser tests'],
  ],
])('of %s', (_name, present, expected) => {
  expect(labels(present)).toEqual(expected);
});

test('of a removed source: nothing of the file itself, but of those that had it', () => {
  expect(labels([], { gone: ['libs/ledger/src/api-keys.ts'], specs: ['libs/ledger/src/rows.spec.ts'] })).toEqual([
    'types',
    'specs in 1 file',
    'types of the browser tests',
  ]);
});

test('specs and files are those of the change', () => {
  const steps = stepsFor(graph, { present: ['a b.mjs'], gone: [] }, ['x.spec.mjs', 'y.spec.mjs']);
  expect(steps.map(({ commands }) => commands[0].at(-1))).toEqual(['a b.mjs', 'a b.mjs', 'y.spec.mjs']);
});
