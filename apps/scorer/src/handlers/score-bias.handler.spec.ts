import type { ScoreBiasRequest } from '@roundhouse/contracts';
import { TypeOrmInbox } from '@roundhouse/inbox';
import { migratedSource, performJob, type PerformOptions } from '@roundhouse/testing';
import {
  BarCache,
  cachedSources,
  createTradingDataSource,
  type FillRow,
  FillStore,
  FindingStore,
  type Owner,
  ProfileStore,
  RoundTripStore,
  TagStore,
} from '@roundhouse/trading';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scorer } from '../scoring/scorer.js';
import { ScoreBiasHandler } from './score-bias.handler.js';

const source = migratedSource(createTradingDataSource);
let folder: string;
let bars: BarCache;
let scoring: ScoreBiasHandler;
let fills: FillStore;
let tags: TagStore;

/** 320 calm weekdays, then eight that rise steeply, then 40 calm ones. */
const dates = Array.from({ length: 520 }, (_, n) => new Date(Date.UTC(2024, 0, 1 + n)))
  .filter((date) => date.getUTCDay() % 6 !== 0)
  .map((date) => date.toISOString().slice(0, 10));
const closes = dates.map((_, n) => 100 + Math.sin(n * 1.7) + (n < 320 ? 0 : Math.min(n - 319, 8) * 3));
const top = 327;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bars-'));
  const lines = dates.map(
    (date, n) => `${date},${closes[n]! - 0.2},${closes[n]! + 1},${closes[n]! - 1},${closes[n]},1000`,
  );
  await writeFile(join(folder, 'KEST.csv'), ['date,open,high,low,close,volume', ...lines].join('\n'));
  const none = { marketDataProviders: [], alpacaDataKeyId: '', alpacaDataSecret: '', allowPrivateProviders: false };
  bars = new BarCache(source, cachedSources({ marketDataDir: folder, ...none }));
  fills = new FillStore(source);
  tags = new TagStore(source);
  scoring = handlerWith(bars);
});
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true });
});

const tenantId = 'acme';
const options = (more: PerformOptions = {}) => ({
  tenantId,
  transactions: new TypeOrmInbox(source, 'trading'),
  ...more,
});
const score = (request: Partial<ScoreBiasRequest>, more?: PerformOptions, handler = scoring) =>
  performJob('trading.score_bias', (r, ctx) => handler.handle(r, ctx), request, options(more));

function handlerWith(cache: BarCache): ScoreBiasHandler {
  const [profiles, trips, findings] = [new ProfileStore(source), new RoundTripStore(source), new FindingStore(source)];
  return new ScoreBiasHandler(profiles, fills, cache, new Scorer(), trips, tags, findings);
}

function fill(extId: string, session: number, side: 'buy' | 'sell', change: Partial<FillRow> = {}): FillRow {
  const at = new Date(`${dates[session]}T15:00:00Z`);
  const price = closes[session]!.toFixed(2);
  return { extId, symbol: 'KEST', side, quantity: '10', price, fee: '0', feeCurrency: 'USD', at, ...change };
}

async function store(userId: string, rows: FillRow[]): Promise<Owner> {
  await source.transaction((tx) => fills.upsertPage(tx, { tenantId, userId }, 'csv', randomUUID(), rows));
  return { tenantId, userId };
}

const chased = [fill('1', 300, 'buy'), fill('2', 310, 'sell'), fill('3', top, 'buy'), fill('4', top + 5, 'sell')];

it('tags an entry that follows a run-up, keeps it with its round trip, and says so kindly', async () => {
  const ada = await store('ada', chased);
  const { result, events } = await score({ userId: 'ada' });
  expect(result).toMatchObject({ trades: 4, roundTrips: 2, symbolsWithoutBars: [] });
  expect(result.labels).toMatchObject([{ label: 'chasing', count: 1 }]);
  const kept = await tags.inWindow(ada, {});
  const chasing = kept.find((tag) => tag.label === 'chasing')!;
  const trips = await new RoundTripStore(source).inWindow(ada, {});
  expect(chasing).toMatchObject({ scope: 'trade', symbol: 'KEST', roundTripId: trips[1]!.id });
  expect(chasing.confidence).toBeGreaterThanOrEqual(0.95);
  const told = events.find((event) => event.type === 'coach.reflect' && event.body.tagId === chasing.id);
  expect(told).toMatchObject({ immediate: false, body: { label: 'chasing', tradeId: trips[1]!.id, userId: 'ada' } });
  expect(JSON.stringify(told)).toContain('consistent with');
  const findings = await new FindingStore(source).ofWindow(ada, {});
  expect(findings.find((finding) => finding.label === 'disposition')!.status).toBe('insufficient_data');
});

it('replaces what it found before, whatever window it looks at', async () => {
  const bea = await store('bea', chased);
  await score({ userId: 'bea' });
  const first = await tags.inWindow(bea, {});
  await score({ userId: 'bea' });
  expect(await tags.inWindow(bea, {})).toEqual(first);
  await store('bea', [fill('3', 100, 'buy')]); // the broker has corrected the day: nothing was chased
  const since = new Date(`${dates[90]}T00:00:00Z`);
  const { result } = await score({ userId: 'bea', since });
  expect(result.labels.map((one) => one.label)).not.toContain('chasing');
  expect((await tags.inWindow(bea, {})).filter((tag) => tag.label === 'chasing')).toEqual([]);
});

it('takes lots from before the window into account and leaves later round trips right', async () => {
  const cleo = await store('cleo', chased);
  const window = { since: new Date(`${dates[305]}T00:00:00Z`), until: new Date(`${dates[320]}T00:00:00Z`) };
  const { result } = await score({ userId: 'cleo', ...window });
  expect(result).toMatchObject({ trades: 1, roundTrips: 1 });
  const trips = await new RoundTripStore(source).inWindow(cleo, {});
  expect(trips.map((trip) => trip.entryAt)).toEqual([chased[0]!.at, chased[2]!.at]);
});

it('names symbols without bars and users without trades', async () => {
  await store('dora', [fill('1', 300, 'buy', { symbol: 'NONE' })]);
  expect((await score({ userId: 'dora' })).result.symbolsWithoutBars).toEqual(['NONE']);
  expect((await score({ userId: 'nobody' })).result).toMatchObject({ trades: 0, roundTrips: 0, tags: 0 });
});

it('scores again when fills come in meanwhile, and keeps nothing twice when it runs again', async () => {
  const emma = await store('emma', chased.slice(0, 3));
  const jobId = randomUUID();
  let late: Promise<unknown> | undefined;
  /** While bars are loaded, after the fills were, another import ends. */
  class SlowBars extends BarCache {
    override async load(...asked: Parameters<BarCache['load']>) {
      await (late ??= store('emma', chased));
      return bars.load(...asked);
    }
  }
  const handler = handlerWith(new SlowBars(source, []));
  const { result } = await score({ userId: 'emma' }, { jobId }, handler);
  expect(result.trades).toBe(4);
  const before = await tags.inWindow(emma, {});
  expect((await score({ userId: 'emma' }, { jobId, attempt: 2 })).result).toEqual(result);
  expect(await tags.inWindow(emma, {})).toEqual(before);
});

it('refuses a window that ends before it begins', async () => {
  const moment = new Date();
  const refused = score({ userId: 'ada', since: moment, until: moment });
  await expect(refused).rejects.toMatchObject({ cause: { code: 'INVALID_INPUT', field: 'since' } });
});
