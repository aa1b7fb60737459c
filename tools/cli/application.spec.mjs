import { describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { brokerUrls } from './broker-users.mjs';
import { purposes } from './key-ring.mjs';
import { codeOf, fingerprint, serviceEnvironment } from './application.mjs';

const settings = {
  urls: { owner: 'postgres://owner', gateway: 'postgres://gateway', worker: 'postgres://worker' },
  amqpUrl: 'amqp://broker',
  ports: { health: 20001 },
  keys: Object.fromEntries(Object.keys(purposes).map((purpose) => [purpose, { current: purpose, previous: [] }])),
  diagnosticsTokens: {},
  marketFolders: ['/a', '/b'],
  storage: '/storage',
};

describe("a service's environment", () => {
  test('only the gateway and the scheduler get the role that sees the ledger', () => {
    expect(serviceEnvironment('gateway', settings, {}).ROUNDHOUSE_DATABASE_URL).toBe('postgres://gateway');
    expect(serviceEnvironment('scheduler', settings, {}).ROUNDHOUSE_DATABASE_URL).toBe('postgres://gateway');
    for (const worker of ['importer', 'scorer', 'digest', 'anything']) {
      expect(serviceEnvironment(worker, settings, {}).ROUNDHOUSE_DATABASE_URL).toBe('postgres://worker');
    }
  });

  test('every service is a user of its own at the broker, where we make them', () => {
    const own = {
      ...settings,
      amqpUrls: brokerUrls('amqp://roundhouse:pw@host:5/roundhouse', { scorer: 'a', mesh: 'b' }),
    };
    expect(serviceEnvironment('scorer', own, {}).ROUNDHOUSE_AMQP_URL).toBe(
      'amqp://roundhouse_scorer:a@host:5/roundhouse',
    );
    expect(serviceEnvironment('mesh', own, {}).ROUNDHOUSE_AMQP_URL).toBe('amqp://roundhouse_mesh:b@host:5/roundhouse');
    expect(serviceEnvironment('mesh', settings, {}).ROUNDHOUSE_AMQP_URL).toBe('amqp://broker');
  });

  test('nothing of the set-up reaches a service, everything else of the caller does', () => {
    const env = {
      PATH: '/bin',
      ROUNDHOUSE_ADMIN_DATABASE_URL: 'postgres://admin',
      ROUNDHOUSE_BROKER_MESH_PASSWORD: 'of the owner',
      ROUNDHOUSE_LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel',
    };
    const result = serviceEnvironment('scorer', settings, env);
    expect(JSON.stringify(result)).not.toContain('admin');
    expect(JSON.stringify(result)).not.toContain('owner');
    expect(result).toMatchObject({
      PATH: '/bin',
      ROUNDHOUSE_LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel',
    });
    expect(result.ROUNDHOUSE_MARKET_DATA_DIR).toBe(['/a', '/b'].join(delimiter));
    expect(result.ROUNDHOUSE_HTTP_PORT).toBeUndefined();
  });

  test('a service is started again when its code or its settings change, not when the terminal does', () => {
    const env = { PATH: '/bin', ROUNDHOUSE_AMQP_URL: 'amqp://broker' };
    expect(fingerprint({ ...env, PATH: '/usr/bin', SHLVL: '2' }, 1)).toBe(fingerprint(env, 1));
    expect(fingerprint({ ...env, ROUNDHOUSE_LOG_LEVEL: 'debug' }, 1)).not.toBe(fingerprint(env, 1));
    expect(fingerprint(env, 2)).not.toBe(fingerprint(env, 1));
  });
});

test('the code of what is built changes with its files, not with their times', () => {
  const root = mkdtempSync(join(tmpdir(), 'code-'));
  const dist = join(root, 'apps/one/dist');
  mkdirSync(dist, { recursive: true });
  mkdirSync(join(root, 'libs/without'), { recursive: true });
  const file = join(dist, 'main.js');
  writeFileSync(file, 'a');
  const first = codeOf(root);
  utimesSync(file, 1, 1);
  expect(codeOf(root)).toBe(first);
  writeFileSync(file, 'b');
  expect(codeOf(root)).not.toBe(first);
  rmSync(root, { recursive: true });
});
