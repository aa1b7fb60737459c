import {
  createTestBroker,
  createTestDatabase,
  ServiceProcess,
  testKeys,
  waitFor,
  type TestBroker,
  type TestDatabase,
} from '@roundhouse/testing';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const sample = join(root, 'examples/trading');

let database: TestDatabase;
let broker: TestBroker;
let folder: string;
let env: Record<string, string>;
let key: string;
const services: Record<string, ServiceProcess> = {};

async function command(app: string, name: string, args: string[] = []): Promise<string> {
  const file = `apps/${app}/dist/${name}.js`;
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  return stdout;
}

beforeAll(async () => {
  [database, broker] = await Promise.all([createTestDatabase(), createTestBroker()]);
  folder = await mkdtemp(join(tmpdir(), 'coach-'));
  env = {
    ROUNDHOUSE_OWNER_DATABASE_URL: database.url,
    ROUNDHOUSE_DATABASE_URL: database.url,
    ROUNDHOUSE_AMQP_URL: broker.url,
    ROUNDHOUSE_STORAGE_DIR: folder,
    ROUNDHOUSE_MARKET_DATA_DIR: join(sample, 'bars'),
    ...testKeys(),
  };
  await command('gateway', 'migrate');
  await command('importer', 'migrate');
  await command('gateway', 'topology', ['apply']);
  const scopes = 'jobs:write,jobs:read,jobs:cancel';
  const created = await command('gateway', 'api-key', [
    'create',
    '--tenant',
    'acme',
    '--name',
    'test',
    '--scopes',
    scopes,
    '--json',
  ]);
  key = (JSON.parse(created.trim().split('\n').at(-1)!) as { key: string }).key;
  const apps = ['gateway', 'scheduler', 'importer', 'scorer', 'digest'];
  await Promise.all(apps.map(async (app) => (services[app] = await ServiceProcess.start({ app, env }))));
});

afterAll(async () => {
  await Promise.all(Object.values(services).map((service) => service.stop()));
  await broker?.drop();
  await database?.drop();
  if (folder) await rm(folder, { recursive: true });
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
async function call(method: string, path: string, body?: FormData | object): Promise<any> {
  const isForm = body instanceof FormData;
  const headers = { authorization: `Bearer ${key}`, ...(body && !isForm && { 'content-type': 'application/json' }) };
  const answer = await fetch(`http://127.0.0.1:${services.gateway!.ports.http}${path}`, {
    method,
    headers,
    body: isForm ? body : body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}

async function finished(id: string) {
  const final = ['succeeded', 'dead', 'cancelled'];
  return waitFor(
    async () => {
      const job = await call('GET', `/v1/jobs/${id}`);
      return final.includes(job.state) && job;
    },
    { describe: `job ${id} to end` },
  );
}

async function importSample() {
  const form = new FormData();
  form.set('user_id', 'demo');
  form.set('format', 'generic_csv');
  form.set('mapping', await readFile(join(sample, 'fills-generic.mapping.json'), 'utf8'));
  form.set('file', new Blob([await readFile(join(sample, 'fills-generic.csv'))]), 'fills.csv');
  const { job_id } = await call('POST', '/v1/trades/imports', form);
  return finished(job_id);
}

it('imports trades, scores them, simulates one and writes the digest of its week', async () => {
  const imported = await importSample();
  expect(imported).toMatchObject({ state: 'succeeded', result: { fetched: 377, stored: 377, failed: 0 } });
  const scored = await finished(imported.follow_ups[0]);
  expect(scored).toMatchObject({
    state: 'succeeded',
    kind: 'trading.score_bias',
    result: { trades: 377, symbols_without_bars: [] },
  });
  expect(scored.result.tags).toBeGreaterThan(0);
  const { tags } = await call('GET', '/v1/tags?user_id=demo&limit=500');
  expect(tags).toHaveLength(scored.result.tags);

  const { round_trips: trips } = await call('GET', '/v1/round-trips?user_id=demo&limit=1');
  const asked = await call('POST', '/v1/simulations', {
    user_id: 'demo',
    round_trip_id: trips[0].id,
    horizon_days: 20,
  });
  const simulated = await finished(asked.job_id);
  const simulation = await call('GET', `/v1/simulations/${simulated.result.simulation_id}`);
  expect(simulation).toMatchObject({ round_trip_id: trips[0].id, pnl_actual: trips[0].pnl });

  const written = await call('POST', '/v1/digests', { user_id: 'demo', week_of: trips[0].exit_at.slice(0, 10) });
  const { result } = await finished(written.job_id);
  const digest = await call('GET', `/v1/digests/${result.digest_id}`);
  expect(digest.statistics.trades).toBeGreaterThan(0);
  expect(digest.snapshot.whatIfs).toMatchObject([{ roundTripId: trips[0].id }]);
  expect(await call('GET', digest.page)).toContain('<svg');

  const again = await importSample();
  expect(again.result).toMatchObject({ fetched: 377, stored: 0 });
});

it('stores every trade once when the importer is killed in the middle of a file', async () => {
  const rows = 20_000;
  const lines = Array.from({ length: rows }, (_, n) => {
    const when = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
    return `${n},SYM${n % 3},${n % 2 === 0 ? 5 : -5},${10 + (n % 7)},${when}`;
  });
  const form = new FormData();
  form.set('user_id', 'killed');
  form.set('format', 'generic_csv');
  const columns = { symbol: 's', quantity: 'q', price: 'p', timestamp: 't', external_id: 'id' };
  form.set('mapping', JSON.stringify(columns));
  form.set('file', new Blob([['id,s,q,p,t', ...lines].join('\n')]), 'long.csv');
  const { job_id: id } = await call('POST', '/v1/trades/imports', form);
  const begun = () =>
    call('GET', `/v1/trades/imports/${id}`).then(
      (state) => state.stored > 1000,
      () => false,
    );
  await waitFor(begun, { describe: 'the import to be under way' });
  await services.importer!.kill('SIGKILL');
  const left = await call('GET', `/v1/trades/imports/${id}`);
  expect(left.stored).toBeLessThan(rows);
  services.importer = await ServiceProcess.start({ app: 'importer', env });
  const job = await finished(id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 2, result: { fetched: rows, stored: rows, failed: 0 } });
  const scored = await finished(job.follow_ups[0]);
  expect(scored.result).toMatchObject({ trades: rows });
  expect(job.follow_ups).toHaveLength(1);
});
