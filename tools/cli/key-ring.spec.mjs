import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyRing, keyVariablesOf, purposes, retireKeys, rotateKey } from './key-ring.mjs';
import { Store } from './store.mjs';

let folder;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'key-ring-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const store = () => new Store(folder);

test('an installation has a key for each purpose, and keeps them', () => {
  const ring = keyRing(store());
  expect(Object.keys(ring)).toEqual(Object.keys(purposes));
  expect(new Set(Object.values(ring).map(({ current }) => current)).size).toBe(Object.keys(purposes).length);
  for (const { current, previous } of Object.values(ring)) {
    expect(Buffer.from(current, 'base64')).toHaveLength(32);
    expect(previous).toEqual([]);
  }
  expect(keyRing(store())).toEqual(ring);
});

test('the one key of an earlier version opens what it has sealed, and signs nothing new', () => {
  store().set('encryption_key', 'b2xk');
  const ring = keyRing(store(), ['b2xk']);
  expect(store().get('encryption_key')).toBeUndefined();
  const previous = Object.fromEntries(Object.entries(ring).map(([purpose, keys]) => [purpose, keys.previous]));
  const sealed = { status: ['b2xk'], credential: ['b2xk'], webhook: ['b2xk'] };
  expect(previous).toEqual({ grant: [], session: [], link: [], ...sealed });
  // The next start knows the ring, whatever is remembered of the old key.
  expect(keyRing(store(), ['b2xk', 'b3RoZXI='])).toEqual(ring);
});

describe.each(Object.entries(purposes))('the %s key', (purpose, services) => {
  test('is rotated and retired by itself', () => {
    const before = keyRing(store());
    rotateKey(store(), purpose);
    const rotated = keyRing(store());
    expect(rotated[purpose].previous).toEqual([before[purpose].current]);
    expect(rotated[purpose].current).not.toBe(before[purpose].current);
    expect({ ...rotated, [purpose]: undefined }).toEqual({ ...before, [purpose]: undefined });
    for (const service of services)
      expect(Object.values(keyVariablesOf(service, rotated))).toEqual(
        expect.arrayContaining([rotated[purpose].current, before[purpose].current]),
      );
    retireKeys(store(), purpose);
    expect(keyRing(store())[purpose]).toEqual({ current: rotated[purpose].current, previous: [] });
    expect(() => retireKeys(store(), purpose)).toThrow('no earlier');
  });

  test('is for its services alone', () => {
    const ring = keyRing(store());
    for (const service of ['gateway', 'scheduler', 'importer', 'scorer', 'digest', 'mesh', 'notifier', 'probe'])
      expect([service, Object.values(keyVariablesOf(service, ring)).includes(ring[purpose].current)]).toEqual([
        service,
        services.includes(service),
      ]);
  });
});
