import type { GenerateDigestRequest } from '@roundhouse/contracts';
import { TypeOrmInbox } from '@roundhouse/inbox';
import { migratedSource, performJob, type PerformOptions } from '@roundhouse/testing';
import {
  BarCache,
  createTradingDataSource,
  type DigestSnapshot,
  DigestStore,
  fillOfRow,
  type FillRow,
  FillStore,
  FindingStore,
  matchLots,
  ProfileStore,
  rowOfRoundTrip,
  RoundTripStore,
  SimulationStore,
  TagStore,
} from '@roundhouse/trading';
import { randomUUID } from 'node:crypto';
import { DigestReader } from './digest-reader.js';
import { GenerateDigestHandler } from './generate-digest.handler.js';

const source = migratedSource(createTradingDataSource);
let handler: GenerateDigestHandler;
let digests: DigestStore;

beforeAll(async () => {
  digests = new DigestStore(source);
  const reader = new DigestReader(
    new ProfileStore(source),
    new RoundTripStore(source),
    new FillStore(source),
    new TagStore(source),
    new FindingStore(source),
    new SimulationStore(source),
    new BarCache(source, []),
  );
  handler = new GenerateDigestHandler(new ProfileStore(source), reader, digests);
});

const tenantId = 'acme';
const generate = (request: Partial<GenerateDigestRequest>, options: PerformOptions = {}) =>
  performJob('trading.generate_digest', (r, ctx) => handler.handle(r, ctx), request, {
    tenantId,
    transactions: new TypeOrmInbox(source, 'trading'),
    ...options,
  });

/** Round trips of one unit, bought at 100 an hour before they are sold. */
async function trade(
  userId: string,
  sales: { at: string; price: number }[],
  timeZone = 'UTC',
  startingEquity: string | null = null,
) {
  const owner = { tenantId, userId };
  await new ProfileStore(source).put(owner, { timeZone, currency: 'EUR', lotMethod: 'fifo', startingEquity });
  const base = { symbol: 'KEST', quantity: '1', fee: '0', feeCurrency: 'EUR' };
  const rows = sales.flatMap(({ at, price }): FillRow[] => {
    const sold = new Date(at);
    const bought = new Date(sold.getTime() - 3_600_000);
    return [
      { ...base, extId: `buy ${at}`, side: 'buy', price: '100', at: bought },
      { ...base, extId: `sell ${at}`, side: 'sell', price: String(price), at: sold },
    ];
  });
  const fills = new FillStore(source);
  await source.transaction((tx) => fills.upsertPage(tx, owner, 'csv', randomUUID(), rows));
  const { roundTrips } = matchLots((await fills.inWindow(owner)).map(fillOfRow));
  await source.transaction((tx) => new RoundTripStore(source).replaceAll(tx, owner, roundTrips.map(rowOfRoundTrip)));
  return owner;
}

const snapshotOf = async (id: string) => (await digests.find(tenantId, id))!.snapshot as DigestSnapshot;

it('stores the numbers and the page of a week and says that they are ready', async () => {
  const sales = [
    { at: '2026-03-10T15:00:00Z', price: 297.75 },
    { at: '2026-03-11T15:00:00Z', price: 198.9 },
  ];
  await trade('ada', [...sales, { at: '2026-03-12T15:00:00Z', price: 98 }, { at: '2026-03-02T15:00:00Z', price: 500 }]);
  const { result, events } = await generate({ userId: 'ada', weekOf: '2026-03-11' });
  expect(result).toMatchObject({ periodStart: '2026-03-09', periodEnd: '2026-03-16', trades: 3 });
  const { statistics } = await snapshotOf(result.digestId);
  expect(statistics).toMatchObject({ wins: 2, losses: 1, netPnl: '294.65' });
  expect(statistics.winRate).toBeCloseTo(2 / 3, 10);
  expect(statistics.profitFactor).toBeCloseTo(148.325, 10);
  expect(Number(statistics.expectancy)).toBeCloseTo(98.2167, 4);
  const html = await digests.html(tenantId, result.digestId);
  expect(html).toContain('<svg');
  expect(html).not.toContain('<script');
  expect(events).toMatchObject([
    {
      type: 'digest.ready',
      immediate: false,
      body: { userId: 'ada', digestId: result.digestId, periodStart: '2026-03-09' },
    },
  ]);
});

it("counts a trade to the week of the user's time zone, also when clocks change in it", async () => {
  // Sunday 2026-03-29, clocks go forward in Vienna: the week ends at 22:00 UTC.
  const sales = [
    { at: '2026-03-29T21:59:59Z', price: 101 },
    { at: '2026-03-29T22:00:00Z', price: 102 },
  ];
  await trade('bea', sales, 'Europe/Vienna');
  const before = await generate({ userId: 'bea', weekOf: '2026-03-29' });
  const after = await generate({ userId: 'bea', weekOf: '2026-03-30' });
  expect(before.result).toMatchObject({ periodStart: '2026-03-23', trades: 1 });
  expect(after.result).toMatchObject({ periodStart: '2026-03-30', trades: 1 });
});

it('replaces the digest of a week and keeps its id', async () => {
  await trade('cleo', [{ at: '2026-03-10T15:00:00Z', price: 101 }]);
  const first = await generate({ userId: 'cleo', weekOf: '2026-03-09' });
  await trade('cleo', [{ at: '2026-03-11T15:00:00Z', price: 101 }]);
  const second = await generate({ userId: 'cleo', weekOf: '2026-03-15' });
  expect(second.result).toEqual({ ...first.result, trades: 2 });
  expect((await digests.page({ tenantId, userId: 'cleo' }, { limit: 10 })).rows).toHaveLength(1);
});

it('answers the same when it runs again', async () => {
  await trade('dora', [{ at: '2026-03-10T15:00:00Z', price: 101 }]);
  const jobId = randomUUID();
  const first = await generate({ userId: 'dora', weekOf: '2026-03-10' }, { jobId });
  const second = await generate({ userId: 'dora', weekOf: '2026-03-10' }, { jobId, attempt: 2 });
  expect(second.result).toEqual(first.result);
  expect(second.events).toHaveLength(1);
});

it('takes the last complete week by default and writes a digest of a week without trades', async () => {
  const { result } = await generate({ userId: 'nobody' });
  const end = Date.parse(result.periodEnd);
  expect(result.trades).toBe(0);
  expect(end).toBeLessThanOrEqual(Date.now());
  expect(Date.now() - end).toBeLessThan(8 * 86_400_000);
});

it('begins the equity curve with what was won before it', async () => {
  await trade(
    'emma',
    [
      { at: '2025-06-10T15:00:00Z', price: 1100 },
      { at: '2026-03-10T15:00:00Z', price: 50 },
    ],
    'UTC',
    '1000',
  );
  const { result } = await generate({ userId: 'emma', weekOf: '2026-03-10' });
  const { maxDrawdown } = (await snapshotOf(result.digestId)).statistics;
  expect(maxDrawdown).toMatchObject({ amount: '50', share: 0.025 });
});

it('refuses a date that does not exist', async () => {
  await expect(generate({ userId: 'ada', weekOf: '2026-02-31' })).rejects.toMatchObject({
    cause: { code: 'INVALID_INPUT', field: 'week_of' },
  });
});
