import { expect, test } from '@jest/globals';
import { completeLock, missingEntries, platformOf } from './complete-lock.mjs';

test.each([
  ['@swc/core-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
  ['@swc/core-win32-x64-msvc', { os: ['win32'], cpu: ['x64'] }],
  ['@swc/core-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
  ['@swc/core-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
  ['@unrs/resolver-binding-android-arm-eabi', { os: ['android'], cpu: ['arm'] }],
  ['@bufbuild/buf-linux-armv7', { os: ['linux'], cpu: ['arm'] }],
  ['fsevents', undefined],
])('the platform of %s', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});

test('only what is named, exact and not locked is added, in its place', () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': { name: 'root' },
      'node_modules/a': {
        version: '1.0.0',
        dev: true,
        license: 'MIT',
        optionalDependencies: { 'a-linux-x64': '1.0.0', 'a-darwin-x64': '1.0.0', fsevents: '~2.3.2' },
      },
      'node_modules/a-linux-x64': { version: '1.0.0', optional: true },
      'node_modules/b/node_modules/a': { version: '2.0.0', optionalDependencies: { 'a-linux-x64': '1.0.0' } },
    },
  };
  const entry = { version: '1.0.0', cpu: ['x64'], dev: true, license: 'MIT', optional: true, os: ['darwin'] };
  expect(missingEntries(lock)).toEqual([['node_modules/a-darwin-x64', entry]]);
  const complete = completeLock(lock);
  expect(Object.keys(complete.packages)).toEqual([
    '',
    'node_modules/a',
    'node_modules/a-darwin-x64',
    'node_modules/a-linux-x64',
    'node_modules/b/node_modules/a',
  ]);
  expect(missingEntries(complete)).toEqual([]);
});
