import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from './store.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundhouse-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

describe('ports and passwords', () => {
  test('are made once, remembered, and readable by their owner alone', () => {
    const password = new Store(folder).secret('database');
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(new Store(folder).secret('database')).toBe(password);
    expect(new Store(folder).secret('broker')).not.toBe(password);
    expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  test('two stores of the same file keep what the other one wrote', () => {
    const first = new Store(folder);
    const second = new Store(folder);
    first.set('a', 1);
    second.set('b', 2);
    expect(new Store(folder).values).toEqual({ a: 1, b: 2 });
  });

  test('a port is kept while it is free and replaced when a stranger has it', async () => {
    const port = await new Store(folder).port('broker_port');
    expect(await new Store(folder).port('broker_port')).toBe(port);
    const stranger = await listen(port);
    try {
      expect(await new Store(folder).port('broker_port')).not.toBe(port);
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
  });

  test('two names never get the same port', async () => {
    const store = new Store(folder);
    const ports = [];
    for (const name of ['a_port', 'b_port', 'c_port', 'd_port']) ports.push(await store.port(name));
    expect(new Set(ports).size).toBe(4);
  });

  test('a damaged file is named, not overwritten', () => {
    writeFileSync(join(folder, 'state.json'), '{"database": ');
    expect(() => new Store(folder)).toThrow(join(folder, 'state.json'));
  });
});
