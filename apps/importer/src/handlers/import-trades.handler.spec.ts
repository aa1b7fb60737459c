import { TradeFileFormat, type ColumnMapping, type ImportTradesRequest } from '@roundhouse/contracts';
import { TypeOrmInbox } from '@roundhouse/inbox';
import { LocalFileStorage } from '@roundhouse/storage';
import { migratedSource, performJob, startLocalProvider, type PerformOptions } from '@roundhouse/testing';
import {
  ConnectionStore,
  createTradingDataSource,
  CredentialCipher,
  FillStore,
  ImportStore,
  UploadStore,
} from '@roundhouse/trading';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FillSources } from '../import/fill-sources.js';
import { ImportTradesHandler } from './import-trades.handler.js';

const source = migratedSource(createTradingDataSource);
let folder: string;
let storage: LocalFileStorage;
let connections: ConnectionStore;
let handler: ImportTradesHandler;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imports-'));
  storage = new LocalFileStorage(folder);
  connections = new ConnectionStore(source, new CredentialCipher(randomBytes(32)));
  const open = { allowHttp: true, allowPrivate: true };
  const sources = new FillSources(connections, new UploadStore(source), storage, open);
  handler = new ImportTradesHandler(sources, new ImportStore(source), new FillStore(source));
});
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true });
});

const tenantId = 'acme';
const run = (request: Partial<ImportTradesRequest>, options: PerformOptions = {}) =>
  performJob('trading.import_trades', (r, ctx) => handler.handle(r, ctx), request, {
    tenantId,
    transactions: new TypeOrmInbox(source, 'trading'),
    ...options,
  });

const mapping: ColumnMapping = {
  symbol: 'sym',
  side: '',
  quantity: 'qty',
  price: 'px',
  fee: '',
  feeCurrency: '',
  timestamp: 'when',
  externalId: 'id',
  timeZone: '',
  broker: '',
};

function csv(rows: number, change: (row: string, n: number) => string = (row) => row): string {
  const lines = Array.from({ length: rows }, (_, n) => {
    const when = new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
    return change(`f${n},KEST,${n % 2 === 0 ? 10 : -10},${100 + n}.25,${when}`, n);
  });
  return ['id,sym,qty,px,when', ...lines, ''].join('\n');
}

async function upload(userId: string, content: string, broker = ''): Promise<Partial<ImportTradesRequest>> {
  const storageKey = `uploads/${randomUUID()}.csv`;
  const stored = await storage.put(storageKey, Buffer.from(content));
  await new UploadStore(source).add({ tenantId, userId }, { storageKey, name: 'trades.csv', ...stored });
  const file = { storageKey, name: '', format: TradeFileFormat.GENERIC_CSV, mapping: { ...mapping, broker } };
  return { userId, source: { $case: 'file', value: file } };
}

async function storedIds(userId: string): Promise<string[]> {
  return (await new FillStore(source).inWindow({ tenantId, userId })).map((fill) => fill.extId);
}

it('imports a file page by page, tells how far it is, and asks for the scoring', async () => {
  const request = await upload('ada', csv(1200));
  const { result, events, followUps, progress, checkpoint } = await run(request);
  expect(result).toMatchObject({ fetched: 1200, stored: 1200, failed: 0, rowErrors: [] });
  expect(result.firstTradeAt).toEqual(new Date('2026-01-01T00:00:00Z'));
  expect(result.lastTradeAt).toEqual(new Date('2026-01-01T19:59:00Z'));
  expect(await storedIds('ada')).toHaveLength(1200);
  const pages = events.map((event) => event.type === 'import.progress' && event.immediate && event.body.fetched);
  expect(pages).toEqual([500, 1000, 1200]);
  expect(events.at(-1)).toMatchObject({ body: { percent: 100, stored: 1200, userId: 'ada' } });
  expect(progress.at(-1)).toEqual({ percent: 100, message: '1200 trades read, 1200 of them new' });
  expect(checkpoint).toMatchObject({ pages: 3 });
  expect(followUps).toMatchObject([{ kind: 'trading.score_bias', request: { userId: 'ada', since: undefined } }]);
});

it('stores nothing twice when the same trades are imported again', async () => {
  const first = await run(await upload('bea', csv(700)));
  const again = await run(await upload('bea', csv(701)));
  expect([first.result.stored, again.result.stored, again.result.fetched]).toEqual([700, 1, 701]);
  expect(await storedIds('bea')).toHaveLength(701);
});

it('keeps the fills of two brokers apart that number theirs alike', async () => {
  const first = await run(await upload('finn', csv(10), 'degiro'));
  const other = await run(await upload('finn', csv(12), 'flatex'));
  const again = await run(await upload('finn', csv(12), 'flatex'));
  expect([first.result.stored, other.result.stored, again.result.stored]).toEqual([10, 12, 0]);
  expect(await storedIds('finn')).toHaveLength(22);
});

it('keeps the good rows of a file with bad ones and names the bad ones', async () => {
  const content = csv(300, (row, n) => (n % 2 === 1 ? row.replace('KEST,-10', 'KEST,many') : row));
  const { result } = await run(await upload('cleo', content));
  expect(result).toMatchObject({ fetched: 300, stored: 150, failed: 150 });
  expect(result.rowErrors).toHaveLength(100);
  expect(result.rowErrors[0]).toMatchObject({ row: 3, column: 'qty', value: 'many' });
  const kept = await new ImportStore(source).rowErrors(tenantId, result.importId, 1000);
  expect(kept).toHaveLength(150);
});

describe('resuming', () => {
  it('goes on after the last stored page when the worker dies before its checkpoint', async () => {
    const request = await upload('dora', csv(1600));
    const jobId = randomUUID();
    let checkpoints = 0;
    const dying = run(request, {
      jobId,
      onEvent: ({ $case }) => {
        if ($case === 'checkpoint' && ++checkpoints === 2) throw new Error('killed');
      },
    });
    await expect(dying).rejects.toThrow('killed');
    expect(await storedIds('dora')).toHaveLength(1000);
    const { result, events } = await run(request, { jobId, attempt: 2, checkpoint: { pages: 1 } });
    expect(result).toMatchObject({ fetched: 1600, stored: 1600, failed: 0 });
    expect(events.map(({ body }) => 'fetched' in body && body.fetched)).toEqual([1500, 1600]);
    expect(await storedIds('dora')).toHaveLength(1600);
  });

  it('counts every page once when two runs of the job overlap', async () => {
    const request = await upload(
      'emma',
      csv(2600, (row, n) => (n % 10 === 3 ? row.replace('KEST', '') : row)),
    );
    const jobId = randomUUID();
    const runs = await Promise.all([1, 2, 3].map((attempt) => run(request, { jobId, attempt })));
    for (const { result } of runs) expect(result).toMatchObject({ fetched: 2600, stored: 2340, failed: 260 });
    expect(await storedIds('emma')).toHaveLength(2340);
  });

  it('gives the same result when it runs again after its end', async () => {
    const request = await upload('fay', csv(10));
    const jobId = randomUUID();
    const first = await run(request, { jobId });
    const second = await run(request, { jobId, attempt: 2 });
    expect(second.result).toEqual(first.result);
  });

  it('stops between pages when it is cancelled', async () => {
    const request = await upload('gwen', csv(5000));
    const cancelled = run(request, { onEvent: ({ $case }, interrupt) => void ($case === 'checkpoint' && interrupt()) });
    await expect(cancelled).rejects.toThrow('given up');
    expect(await storedIds('gwen')).toHaveLength(500);
  });
});

describe('what cannot be imported', () => {
  const failure = async (request: Partial<ImportTradesRequest>) =>
    run(request).then(
      () => undefined,
      (error: Error) => error.cause as { code: string; message: string; field: string },
    );

  it('says that a file holds no usable trade, and why', async () => {
    const wrong = await upload(
      'hana',
      csv(5, (row) => row.replace('KEST', '')),
    );
    expect(await failure(wrong)).toMatchObject({ code: 'INVALID_INPUT', field: 'source' });
    expect((await failure(wrong))!.message).toMatch(/None of the 5 trades of trades\.csv.*row 2, sym/);
    const empty = await failure(await upload('hana', csv(0)));
    expect(empty).toMatchObject({ code: 'INVALID_INPUT' });
    const window = { since: new Date('2020-01-01'), until: new Date('2020-02-01') };
    expect((await failure({ ...(await upload('hana', csv(5))), ...window }))!.message).toMatch(
      /in the window asked for/,
    );
  });

  it("finds nobody else's connection or upload", async () => {
    const theirs = await upload('ida', csv(5));
    expect(await failure({ ...theirs, userId: 'jane' })).toMatchObject({
      code: 'NOT_FOUND',
      field: 'file.storage_key',
    });
    const connection = await connections.create(
      { tenantId: 'another tenant', userId: 'ida' },
      { broker: 'alpaca', name: 'main', settings: {}, credentials: { key_id: 'k', secret: 's' } },
    );
    const request = { userId: 'ida', source: { $case: 'connectionId' as const, value: connection!.id } };
    expect(await failure(request)).toMatchObject({ code: 'NOT_FOUND', field: 'connection_id' });
  });

  it('says so when the upload is gone or the window is empty', async () => {
    const request = await upload('kim', csv(5));
    const moment = new Date('2026-01-01');
    expect(await failure({ ...request, since: moment, until: moment })).toMatchObject({ field: 'since' });
    if (request.source?.$case === 'file') await storage.delete(request.source.value.storageKey);
    expect(await failure(request)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('imports the last 30 days of a broker connection with its credentials', async () => {
  const at = new Date(Date.now() - 86_400_000).toISOString();
  const fill = {
    activity_type: 'FILL',
    id: 'a1',
    price: '1.63',
    qty: '2',
    side: 'buy',
    symbol: 'LPCN',
    transaction_time: at,
  };
  const provider = await startLocalProvider(() => ({ body: [fill] }));
  try {
    const created = await connections.create(
      { tenantId, userId: 'lea' },
      {
        broker: 'alpaca',
        name: 'main',
        settings: { base_url: provider.baseUrl },
        credentials: { key_id: 'k', secret: 'xyz' },
      },
    );
    const { result, followUps } = await run({ userId: 'lea', source: { $case: 'connectionId', value: created!.id } });
    expect(result).toMatchObject({ fetched: 1, stored: 1 });
    const [asked] = provider.requests;
    expect(asked!.headers['apca-api-secret-key']).toBe('xyz');
    expect(Date.now() - Date.parse(asked!.query.get('after')!)).toBeGreaterThan(29.9 * 86_400_000);
    const window = followUps[0]!.kind === 'trading.score_bias' ? followUps[0]!.request : undefined;
    expect(window!.until!.getTime() - window!.since!.getTime()).toBe(30 * 86_400_000);
  } finally {
    await provider.close();
  }
});
