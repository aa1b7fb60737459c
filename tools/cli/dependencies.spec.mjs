import { expect, test } from '@jest/globals';
import { matchesLock } from './dependencies.mjs';

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'libs/jobs': { version: '0.1.0' },
    'node_modules/@roundhouse/jobs': { resolved: 'libs/jobs', link: true },
    'node_modules/pg': { version: '8.16.0' },
    'node_modules/@swc/core-darwin-arm64': { version: '1.0.0', optional: true },
  },
};

test('installed modules match when each has the version of the lock file', () => {
  expect(matchesLock(lock, { packages: { 'node_modules/pg': { version: '8.16.0' } } })).toBe(true);
  expect(matchesLock(lock, { packages: { 'node_modules/pg': { version: '8.15.0' } } })).toBe(false);
  expect(matchesLock(lock, { packages: {} })).toBe(false);
});
