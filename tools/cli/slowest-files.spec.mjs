import { expect, test } from '@jest/globals';
import { slowestFiles } from './slowest-files.mjs';

const testResults = [
  { name: '/p/libs/a.spec.ts', startTime: 1_000, endTime: 2_240 },
  { name: '/p/e2e/b.e2e.ts', startTime: 1_000, endTime: 131_000 },
  // As jest notes a file that could not be loaded.
  { name: '/p/libs/broken.spec.ts', startTime: 0, endTime: 0 },
  { name: '/p/libs/c.spec.ts', startTime: 1_000, endTime: 1_500 },
];

test('the files that took longest, with their seconds', () => {
  expect(slowestFiles({ testResults }, '/p')).toEqual([
    '   130.0 s  e2e/b.e2e.ts',
    '     1.2 s  libs/a.spec.ts',
    '     0.5 s  libs/c.spec.ts',
  ]);
  expect(slowestFiles({ testResults }, '/p', 1)).toEqual(['   130.0 s  e2e/b.e2e.ts']);
});

test('a run that left no result, or none of a file, has none', () => {
  expect(slowestFiles(undefined, '/p')).toEqual([]);
  expect(slowestFiles({ testResults: [] }, '/p')).toEqual([]);
});
