import { describe, expect, test } from '@jest/globals';
import { processSchema, variableName } from '@roundhouse/service';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { serviceEnvironment } from './cli/application.mjs';
import { diagnosedServices, diagnosticsTokens, keyRing, purposes, rotateKey } from './cli/key-ring.mjs';
import { Store } from './cli/store.mjs';

/** What each process is given of keys and tokens, by `up` and by Compose: what its own configuration reads, and nothing else. */
const root = resolve(import.meta.dirname, '..');
const apps = readdirSync(join(root, 'apps')).filter((app) => existsSync(join(root, 'apps', app, 'src/main.ts')));
const isSecret = (name) => /^(ROUNDHOUSE|AWS)_.*(KEYS?|KEY_ID|TOKEN|SECRET)$/.test(name);
const secretsOf = (environment) => Object.keys(environment).filter(isSecret).sort();

const variablesOf = (schema) => Object.keys(schema.shape).map(variableName);
const read = {};
for (const app of apps) {
  const module = await import(`../apps/${app}/src/config.ts`);
  const schemas = Object.values(module).filter((value) => typeof value?.safeParse === 'function');
  const own = schemas.flatMap(variablesOf);
  // The gateway has no health port, and so no diagnostics behind a token.
  const ofProcess = app === 'gateway' ? [] : variablesOf(processSchema);
  const aws = own.includes('ROUNDHOUSE_STORAGE_URL') ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : [];
  read[app] = [...own, ...ofProcess, ...aws].filter(isSecret);
}

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
const store = new Store(folder);
keyRing(store, [randomBytes(32).toString('base64')]);
for (const purpose of Object.keys(purposes)) rotateKey(store, purpose);
const ring = keyRing(store);
const tokens = diagnosticsTokens(store);
rmSync(folder, { recursive: true });

/** Everything that a caller could have in his environment. */
const everything = Object.fromEntries(
  [...new Set(Object.values(read).flat()), 'ROUNDHOUSE_ENCRYPTION_KEY', 'ROUNDHOUSE_API_KEY'].map((name) => [
    name,
    'x',
  ]),
);
const settings = {
  urls: { gateway: 'postgres://gateway', worker: 'postgres://worker' },
  amqpUrl: 'amqp://broker',
  ports: { health: 1 },
  keys: ring,
  diagnosticsTokens: tokens,
  marketFolders: [],
  storage: '/storage',
};
const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });

describe.each(apps)('%s', (app) => {
  test('is given by `up` the secrets that it reads, also when the caller has all of them', () => {
    expect(
      read[app].filter((name) => !secretsOf(serviceEnvironment(app, settings, everything)).includes(name)),
    ).toEqual([]);
    for (const caller of [{}, everything]) {
      const given = secretsOf(serviceEnvironment(app, settings, caller));
      expect(given.filter((name) => !read[app].includes(name))).toEqual([]);
    }
  });

  test('does not find the key or token of another in any of its variables', () => {
    const text = JSON.stringify(serviceEnvironment(app, settings, {}));
    for (const [purpose, { current, previous }] of Object.entries(ring)) {
      // The one key of earlier versions is a previous one of several purposes.
      for (const key of [current, previous[0]])
        expect([purpose, text.includes(key)]).toEqual([purpose, purposes[purpose].includes(app)]);
    }
    for (const [service, token] of Object.entries(tokens))
      expect([service, text.includes(token)]).toEqual([service, service === app]);
  });

  test('is given by Compose the secrets that it reads', () => {
    const { environment } = compose.services[app];
    const given = secretsOf(environment);
    expect(given.filter((name) => !read[app].includes(name))).toEqual([]);
    const needed = Object.entries(purposes).filter(([, services]) => services.includes(app));
    expect(given.filter((name) => /_KEYS?$/.test(name))).toHaveLength(2 * needed.length);
    // Each from a variable of its own.
    const token = environment.ROUNDHOUSE_DIAGNOSTICS_TOKEN;
    expect(token).toBe(app === 'gateway' ? undefined : `\${ROUNDHOUSE_${app.toUpperCase()}_DIAGNOSTICS_TOKEN:-}`);
  });
});

test('what is only for set-up has no key', () => {
  expect(secretsOf(compose.services.migrate.environment)).toEqual([]);
});

test('every service with a health port has a token', () => {
  expect([...diagnosedServices].sort()).toEqual(apps.filter((app) => app !== 'gateway').sort());
});
