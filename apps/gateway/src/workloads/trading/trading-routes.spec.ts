import { catalogue, decodeToJson } from '@roundhouse/contracts';
import { ApiKeys, ledgerDataSource } from '@roundhouse/ledger';
import { applyTopology, topology } from '@roundhouse/rabbitmq';
import { HealthChecks, loadConfig, processFields, type RunningService } from '@roundhouse/service';
import { createLogger } from '@roundhouse/telemetry';
import {
  createTestBroker,
  createTestDatabase,
  testKeys,
  type TestBroker,
  type TestDatabase,
} from '@roundhouse/testing';
import {
  DigestStore,
  fillOfRow,
  type FillRow,
  FillStore,
  matchLots,
  migrateTrading,
  rowOfRoundTrip,
  RoundTripStore,
  SimulationStore,
} from '@roundhouse/trading';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { gatewayConfig } from '../../config.js';
import { gateway } from '../../gateway.js';

let database: TestDatabase;
let broker: TestBroker;
let source: DataSource;
let folder: string;
let running: RunningService;
let base: string;
const keys: Record<string, string> = {};

beforeAll(async () => {
  [database, broker] = await Promise.all([createTestDatabase(), createTestBroker()]);
  source = await ledgerDataSource({ url: database.url, poolSize: 2 }).initialize();
  await source.runMigrations({ transaction: 'all' });
  await migrateTrading(database.url);
  await applyTopology(broker.url, topology(catalogue.queues()));
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const config = loadConfig(z.object({ ...processFields, ...gatewayConfig.shape }), {
    ROUNDHOUSE_DATABASE_URL: database.url,
    ROUNDHOUSE_AMQP_URL: broker.url,
    ROUNDHOUSE_STORAGE_DIR: folder,
    ...testKeys(),
  });
  const log = createLogger({ service: 'gateway', version: '0', level: 'silent' });
  const { signal } = new AbortController();
  const context = { name: 'gateway', version: '0', config, log, health: new HealthChecks(), signal };
  running = await gateway.start({
    ...context,
    reach: (_, attempt) => attempt(),
    fail: (error) => {
      throw error;
    },
  });
  base = `http://127.0.0.1:${running.ports!.http}`;
  for (const tenant of ['acme', 'other']) {
    keys[tenant] = await new ApiKeys(source).create(tenant, 'test', ['jobs:write', 'jobs:read']);
  }
});
afterAll(async () => {
  await running?.stop(AbortSignal.timeout(5_000));
  await source?.destroy();
  await broker?.drop();
  await database?.drop();
  if (folder) await rm(folder, { recursive: true });
});

interface Answer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
  body: any;
}

async function call(method: string, path: string, body?: unknown, tenant = 'acme', headers = {}): Promise<Answer> {
  const isForm = body instanceof FormData;
  const response = await fetch(base + path, {
    method,
    headers: {
      authorization: `Bearer ${keys[tenant]}`,
      ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: isForm ? body : body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

async function payloadOf(jobId: string): Promise<unknown> {
  const [job] = await source.query('select kind, payload from ledger.jobs where id = $1', [jobId]);
  return decodeToJson(catalogue.kind(job.kind)!.requestType, job.payload);
}

const alpaca = { user_id: 'ada', broker: 'alpaca', name: 'main', credentials: { key_id: 'PK1', secret: 'swordfish' } };

describe('connections', () => {
  it('takes credentials and never shows them again', async () => {
    const created = await call('POST', '/v1/connections', alpaca);
    expect(created.status).toBe(201);
    const { id } = created.body;
    const read = await call('GET', `/v1/connections/${id}`);
    const list = await call('GET', '/v1/connections?user_id=ada');
    const changed = await call('PATCH', `/v1/connections/${id}`, {
      name: 'first',
      credentials: { key_id: 'PK2', secret: 'tuna' },
    });
    expect([read.status, list.body.connections.length, changed.body.name]).toEqual([200, 1, 'first']);
    const shown = JSON.stringify([created.body, read.body, list.body, changed.body]);
    expect(shown).not.toMatch(/swordfish|tuna|PK1|PK2|credentials/);
    expect((await call('POST', '/v1/connections', { ...alpaca, name: 'first' })).body).toMatchObject({
      status: 409,
      code: 'conflict',
    });
    const second = await call('POST', '/v1/connections', { ...alpaca, name: 'second' });
    const taken = await call('PATCH', `/v1/connections/${second.body.id}`, { name: 'first' });
    expect(taken.body).toMatchObject({ status: 409, errors: [{ path: 'name' }] });
    expect((await call('DELETE', `/v1/connections/${id}`)).status).toBe(204);
    expect((await call('GET', `/v1/connections/${id}`)).status).toBe(404);
  });

  it('names every field at fault and repeats no secret', async () => {
    const credentials = { api_key: 'hunter2' };
    const { body } = await call('POST', '/v1/connections', {
      user_id: 'ada',
      broker: 'binance',
      name: '',
      credentials,
    });
    expect(body).toMatchObject({ status: 400, code: 'invalid_request' });
    const paths = body.errors.map((error: { path: string }) => error.path);
    expect(paths).toEqual(expect.arrayContaining(['name', 'settings', 'credentials.secret']));
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it("answers 404 for another tenant's connection, whatever is asked", async () => {
    const { body } = await call('POST', '/v1/connections', { ...alpaca, name: 'private' });
    const path = `/v1/connections/${body.id}`;
    const asked = [
      call('GET', path, undefined, 'other'),
      call('PATCH', path, { name: 'stolen' }, 'other'),
      call('DELETE', path, undefined, 'other'),
      call('POST', '/v1/trades/imports', { user_id: 'ada', connection_id: body.id }, 'other'),
    ];
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await call('GET', '/v1/connections?user_id=ada', undefined, 'other')).body.connections).toEqual([]);
    expect((await call('GET', path)).body.name).toBe('private');
  });
});

it('keeps a profile and refuses a zone that does not exist', async () => {
  expect((await call('GET', '/v1/profiles/bea')).body).toMatchObject({ time_zone: 'UTC', lot_method: 'fifo' });
  const profile = { time_zone: 'Europe/Vienna', currency: 'EUR', lot_method: 'average', starting_equity: '10000.50' };
  expect((await call('PUT', '/v1/profiles/bea', profile)).body).toEqual(profile);
  expect((await call('GET', '/v1/profiles/bea')).body).toEqual(profile);
  expect((await call('GET', '/v1/profiles/bea', undefined, 'other')).body.currency).toBe('USD');
  const wrong = await call('PUT', '/v1/profiles/bea', { time_zone: 'Mars/Olympus', starting_equity: 1.5 });
  expect(wrong.body.errors.map((e: { path: string }) => e.path)).toEqual(['time_zone', 'starting_equity']);
});

it("writes a user's digest every Monday and imports each connection every day, in the user's time zone", async () => {
  const schedules = async () =>
    source.query<
      { name: string; cron: string; time_zone: string; kind: string; next_fire_at: Date; payload: Buffer }[]
    >(
      `select name, cron, time_zone, kind, next_fire_at, payload from ledger.schedules
       where tenant_id = 'acme' and (name = 'trading.digest/cleo' or name = $1) order by name`,
      [`trading.import/${connection.id}`],
    );
  const { body: connection } = await call('POST', '/v1/connections', { ...alpaca, user_id: 'cleo' });
  await call('PUT', '/v1/profiles/cleo', { time_zone: 'Asia/Tokyo' });
  const [digest, daily] = await schedules();
  expect(digest).toMatchObject({ kind: 'trading.generate_digest', time_zone: 'Asia/Tokyo' });
  expect(daily).toMatchObject({ kind: 'trading.import_trades', time_zone: 'Asia/Tokyo' });
  const local = new Intl.DateTimeFormat('en', {
    timeZone: 'Asia/Tokyo',
    weekday: 'long',
    hour: 'numeric',
    hour12: false,
  });
  expect(local.format(digest?.next_fire_at)).toMatch(/Monday.*0?6/);
  const request = catalogue.kind('trading.import_trades')!.requestType;
  expect(decodeToJson(request, daily!.payload)).toMatchObject({
    user_id: 'cleo',
    connection_id: connection.id,
  });
  await call('DELETE', `/v1/connections/${connection.id}`);
  expect((await schedules()).map((schedule) => schedule.name)).toEqual(['trading.digest/cleo']);
});

describe('imports', () => {
  const form = (fields: Record<string, string>, file?: string, size = 0) => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    if (file !== undefined) data.set('file', new Blob([file + ' '.repeat(size)]), 'trades.csv');
    return data;
  };
  const mapping = JSON.stringify({ symbol: 's', quantity: 'q', price: 'p', timestamp: 't', feeCurrency: 'c' });
  const files = async () => (await readdir(folder, { recursive: true, withFileTypes: true })).filter((f) => f.isFile());

  it('stores an uploaded file and makes a job of it', async () => {
    const fields = { user_id: 'ada', format: 'generic_csv', mapping, since: '2026-01-01T00:00:00+01:00' };
    const { status, body } = await call('POST', '/v1/trades/imports', form(fields, 's,q,p,t\n'));
    expect(status).toBe(202);
    expect(await payloadOf(body.job_id)).toMatchObject({
      user_id: 'ada',
      since: '2025-12-31T23:00:00Z',
      file: {
        name: 'trades.csv',
        format: 'TRADE_FILE_FORMAT_GENERIC_CSV',
        mapping: { symbol: 's', timestamp: 't', fee_currency: 'c' },
      },
    });
    expect((await call('GET', `/v1/trades/imports/${body.job_id}`)).status).toBe(404); // no worker has begun
  });

  it('answers a repeated upload with the same job when it carries an idempotency key', async () => {
    const send = (content: string) =>
      call('POST', '/v1/trades/imports', form({ user_id: 'ada', format: 'schwab_csv' }, content), 'acme', {
        'idempotency-key': 'k1',
      });
    const [first, again] = [await send('a'), await send('a')];
    expect(again.body.job_id).toBe(first.body.job_id);
    expect((await send('b')).body).toMatchObject({ status: 422, code: 'idempotency_conflict' });
  });

  it('keeps no file of a form that is refused', async () => {
    const before = (await files()).length;
    const refused = [
      await call('POST', '/v1/trades/imports', form({ user_id: 'ada', format: 'generic_csv' }, 'x')),
      await call('POST', '/v1/trades/imports', form({ user_id: 'ada', format: 'generic_csv', mapping: '{' }, 'x')),
      await call('POST', '/v1/trades/imports', form({ format: 'schwab_csv', colour: 'red' }, 'x')),
      await call('POST', '/v1/trades/imports', form({ user_id: 'ada', format: 'schwab_csv' })),
    ];
    const paths = refused.map(({ status, body }) => [status, ...body.errors.map((e: { path: string }) => e.path)]);
    expect(paths).toEqual([
      [400, 'mapping'],
      [400, 'mapping'],
      [400, 'user_id', 'colour'],
      [400, 'file'],
    ]);
    expect(await files()).toHaveLength(before);
  });

  it('imports from a connection', async () => {
    const { body: connection } = await call('POST', '/v1/connections', { ...alpaca, name: 'for import' });
    const asked = { user_id: 'ada', connection_id: connection.id };
    const { status, body } = await call('POST', '/v1/trades/imports', asked);
    expect([status, await payloadOf(body.job_id)]).toMatchObject([202, asked]);
    expect((await call('POST', '/v1/trades/imports', { ...asked, user_id: 'bea' })).status).toBe(404);
  });
});

describe('what was found', () => {
  const owner = { tenantId: 'acme', userId: 'cleo' };
  let tripId: string;

  beforeAll(async () => {
    const row = (n: number): FillRow => ({
      extId: `x${n}`,
      symbol: 'KEST',
      side: n % 2 === 0 ? 'buy' : 'sell',
      quantity: '10',
      price: '12.50',
      fee: '0.1',
      feeCurrency: 'USD',
      at: new Date(Date.UTC(2026, 2, 2 + n, 15)),
    });
    const fills = new FillStore(source);
    await source.transaction((tx) => fills.upsertPage(tx, owner, 'csv', randomUUID(), [0, 1, 2, 3, 4, 5].map(row)));
    const trips = matchLots((await fills.inWindow(owner)).map(fillOfRow)).roundTrips.map(rowOfRoundTrip);
    await source.transaction((tx) => new RoundTripStore(source).replaceAll(tx, owner, trips));
    tripId = trips[0]!.id;
  });

  it('pages through trades and round trips in decimal text', async () => {
    const first = await call('GET', '/v1/trades?user_id=cleo&limit=4');
    expect(first.body.trades[0]).toMatchObject({ ext_id: 'x5', price: '12.50', at: '2026-03-07T15:00:00.000Z' });
    const second = await call('GET', `/v1/trades?user_id=cleo&limit=4&cursor=${first.body.next}`);
    expect([second.body.trades.length, second.body.next]).toEqual([2, null]);
    const window = 'since=2026-03-03T00:00:00Z&until=2026-03-05T00:00:00Z';
    expect((await call('GET', `/v1/trades?user_id=cleo&${window}`)).body.trades).toHaveLength(2);
    const { body } = await call('GET', '/v1/round-trips?user_id=cleo&symbol=KEST');
    expect(body.round_trips.at(-1)).toMatchObject({ id: tripId, pnl: '-0.2', costs: { entry: '0.1', exit: '0.1' } });
    expect((await call('GET', '/v1/tags?user_id=cleo&scope=trade')).body).toEqual({ tags: [], next: null });
  });

  it('refuses what it cannot read', async () => {
    expect((await call('GET', '/v1/trades')).body).toMatchObject({ status: 400, errors: [{ path: 'user_id' }] });
    expect((await call('GET', '/v1/trades?user_id=cleo&cursor=abc')).body).toMatchObject({
      status: 400,
      errors: [{ path: 'cursor' }],
    });
    expect((await call('GET', '/v1/tags?user_id=cleo&colour=red')).body.errors).toMatchObject([{ path: 'colour' }]);
  });

  it('asks for a simulation of a round trip and shows it', async () => {
    const asked = await call('POST', '/v1/simulations', { user_id: 'cleo', round_trip_id: tripId });
    expect(await payloadOf(asked.body.job_id)).toEqual({ user_id: 'cleo', round_trip_id: tripId, horizon_days: 20 });
    expect((await call('POST', '/v1/simulations', { user_id: 'cleo', round_trip_id: tripId }, 'other')).status).toBe(
      404,
    );
    const saved = await new SimulationStore(source).save(owner, {
      roundTripId: tripId,
      horizonDays: 20,
      barsVersion: 'v',
      partial: true,
      pnlActual: '-0.2',
      bestAlternative: '',
      bestDeltaPnl: null,
      outcome: { curve: [] },
    });
    const { body } = await call('GET', `/v1/simulations/${saved.id}`);
    expect(body).toMatchObject({ partial: true, pnl_actual: '-0.2', best_alternative: null, outcome: { curve: [] } });
    expect((await call('GET', `/v1/simulations/${saved.id}`, undefined, 'other')).status).toBe(404);
  });

  it('asks for a digest and shows it as numbers and as a page that can load nothing', async () => {
    const asked = await call('POST', '/v1/digests', { user_id: 'cleo', week_of: '2026-03-04' });
    expect([asked.status, await payloadOf(asked.body.job_id)]).toEqual([
      202,
      { user_id: 'cleo', week_of: '2026-03-04' },
    ]);
    const wrong = await call('POST', '/v1/digests', { user_id: 'cleo', week_of: '2026-02-31' });
    expect(wrong.body).toMatchObject({ status: 400, errors: [{ path: 'week_of' }] });
    const digests = new DigestStore(source);
    const period = { periodStart: '2026-03-02', periodEnd: '2026-03-09', timeZone: 'UTC', trades: 3 };
    const { id } = await source.transaction((tx) =>
      digests.save(tx, owner, {
        ...period,
        snapshot: { version: 1, statistics: { wins: 2 } },
        html: '<!doctype html><p>Week',
      }),
    );
    expect((await call('GET', '/v1/digests?user_id=cleo')).body.digests).toMatchObject([
      { id, period_start: '2026-03-02' },
    ]);
    expect((await call('GET', `/v1/digests/${id}`)).body).toMatchObject({
      id,
      trades: 3,
      statistics: { wins: 2 },
      snapshot: { version: 1 },
    });
    const { page: link } = (await call('GET', `/v1/digests/${id}`)).body as { page: string };
    const opened = await fetch(`${base}${link}`);
    expect([opened.status, await opened.text()]).toEqual([200, expect.stringContaining('<p>Week')]);
    expect((await fetch(`${base}${link.replace(id, randomUUID())}`)).status).toBe(401);
    expect((await fetch(`${base}/v1/digests/${id}?${link.split('?')[1]}`)).status).toBe(401);
    const page = await call('GET', `/v1/digests/${id}/page`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'$/,
    );
    expect(page.body).toContain('<p>Week');
    const theirs = [`/v1/digests/${id}`, `/v1/digests/${id}/page`, `/v1/digests/${randomUUID()}`, '/v1/digests/x'];
    for (const path of theirs)
      expect((await call('GET', path, undefined, 'other')).body).toMatchObject({ code: 'not_found' });
  });
});

it('needs an API key and describes its routes', async () => {
  expect((await fetch(`${base}/v1/trades?user_id=ada`)).status).toBe(401);
  const { body } = await call('GET', '/openapi.json');
  const paths = [
    '/v1/connections/{id}',
    '/v1/profiles/{user_id}',
    '/v1/trades',
    '/v1/round-trips',
    '/v1/tags',
    '/v1/digests/{id}/page',
  ];
  expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(paths));
  const bodies = body.paths['/v1/trades/imports'].post.requestBody.content;
  expect(Object.keys(bodies)).toEqual(['application/json', 'multipart/form-data']);
});
