import { createHash } from 'node:crypto';
import { TestLedger } from '../../e2e/test-ledger.js';
import { ApiKeys } from './api-keys.js';

let ledger: TestLedger;
let keys: ApiKeys;
beforeAll(async () => {
  ledger = await TestLedger.open();
  keys = new ApiKeys(ledger.dataSource, 0);
});
afterAll(() => ledger?.close());

const idOf = (key: string): string => /^rh_([0-9a-f]{16})\./.exec(key)?.[1] as string;

it('makes keys of a constant form that say whose they are, and stores only a hash of the secret', async () => {
  const key = await keys.create('acme', 'ci', ['jobs:write', 'jobs:read']);
  expect(key).toMatch(/^rh_[0-9a-f]{16}\.[A-Za-z0-9_-]{43}$/);
  expect(await keys.authenticate(key)).toEqual({
    keyId: idOf(key),
    tenantId: 'acme',
    name: 'ci',
    scopes: ['jobs:write', 'jobs:read'],
  });
  const [row] = await ledger.dataSource.query<{ secret_hash: Buffer; text: string }[]>(
    `select secret_hash, k::text as text from ledger.api_keys k where id = $1`,
    [idOf(key)],
  );
  const secret = key.split('.')[1] as string;
  expect(row?.secret_hash).toEqual(createHash('sha256').update(secret).digest());
  expect(row?.text).not.toContain(secret);
});

it('knows no other text', async () => {
  const key = await keys.create('acme', 'ci', ['jobs:read']);
  const other = await keys.create('acme', 'ci', ['jobs:read']);
  const [id, secret] = key.split('.');
  const wrong = [
    '',
    'rh_',
    key.slice(3),
    `${key}x`,
    ` ${key}`,
    `${key}\n`,
    `${id}.`,
    `${id}.${secret?.slice(1)}`,
    `${id}.${other.split('.')[1]}`,
    `rh_${'0'.repeat(16)}.${secret}`,
    key.toUpperCase(),
  ];
  for (const text of wrong) expect(await keys.authenticate(text)).toBeUndefined();
});

it('does not accept a key after its time, or once it is revoked', async () => {
  const expired = await keys.create('acme', 'old', ['jobs:read'], new Date(Date.now() - 1_000));
  const valid = await keys.create('acme', 'new', ['jobs:read'], new Date(Date.now() + 60_000));
  expect(await keys.authenticate(expired)).toBeUndefined();
  expect(await keys.authenticate(valid)).toBeDefined();
  await keys.revoke(idOf(valid));
  expect(await keys.authenticate(valid)).toBeUndefined();
});

it('looks a key up again when its time in the cache is over, and at once where it was revoked', async () => {
  const cached = new ApiKeys(ledger.dataSource, 60_000);
  const key = await cached.create('acme', 'ci', ['jobs:read']);
  expect(await cached.authenticate(key)).toBeDefined();
  await keys.revoke(idOf(key));
  expect(await cached.authenticate(key)).toBeDefined();
  await cached.revoke(idOf(key));
  expect(await cached.authenticate(key)).toBeUndefined();
});

it('does not accept a key from the cache after its time', async () => {
  const cached = new ApiKeys(ledger.dataSource, 60_000);
  const key = await cached.create('acme', 'short', ['jobs:read'], new Date(Date.now() + 3_000));
  expect(await cached.authenticate(key)).toBeDefined();
  await new Promise<void>((resolve) => {
    const look = async () => ((await cached.authenticate(key)) ? setTimeout(() => void look(), 20) : resolve());
    void look();
  });
});

it('does not let guessed ids fill the memory', async () => {
  let queries = 0;
  const counting = { query: async () => ((queries += 1), []) } as unknown as typeof ledger.dataSource;
  const guessed = new ApiKeys(counting, 60_000);
  for (let i = 0; i < 25_000; i += 1)
    await guessed.authenticate(`rh_${i.toString(16).padStart(16, '0')}.${'a'.repeat(43)}`);
  expect(queries).toBe(25_000);
  expect((guessed as unknown as { known: Map<string, unknown> }).known.size).toBeLessThanOrEqual(10_001);
});
