import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock } from './lock.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundhouse-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('one holder at a time, and nothing is left behind', () => {
  const file = join(folder, 'lock');
  const release = tryLock(file);
  expect(release).toBeInstanceOf(Function);
  expect(tryLock(file)).toBeUndefined();
  expect(readdirSync(folder)).toEqual(['lock']);
  release();
  expect(existsSync(file)).toBe(false);
  tryLock(file)();
});

test("a dead holder's lock is taken over", () => {
  const file = join(folder, 'lock');
  writeFileSync(file, JSON.stringify({ pid: process.pid, identity: 'an earlier boot/1' }));
  const release = tryLock(file);
  expect(release).toBeInstanceOf(Function);
  release();
});
