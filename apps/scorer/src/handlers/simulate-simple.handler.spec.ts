import { migratedSource, performJob } from '@roundhouse/testing';
import {
  BarCache,
  cachedSources,
  createTradingDataSource,
  fillOfRow,
  type FillRow,
  FillStore,
  matchLots,
  rowOfRoundTrip,
  type RoundTripRow,
  RoundTripStore,
  SimulationStore,
} from '@roundhouse/trading';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulateSimpleHandler } from './simulate-simple.handler.js';

const source = migratedSource(createTradingDataSource);
let folder: string;
let handler: SimulateSimpleHandler;

/** 300 weekdays on which the price rises by one unit each. */
const dates = Array.from({ length: 420 }, (_, n) => new Date(Date.UTC(2024, 0, 1 + n)))
  .filter((date) => date.getUTCDay() % 6 !== 0)
  .map((date) => date.toISOString().slice(0, 10));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bars-'));
  const lines = dates.map((date, n) => `${date},${100 + n},${101 + n},${99 + n},${100 + n},1000`);
  await writeFile(join(folder, 'KEST.csv'), ['date,open,high,low,close,volume', ...lines].join('\n'));
  const none = { marketDataProviders: [], alpacaDataKeyId: '', alpacaDataSecret: '', allowPrivateProviders: false };
  const bars = new BarCache(source, cachedSources({ marketDataDir: folder, ...none }));
  handler = new SimulateSimpleHandler(
    new RoundTripStore(source),
    new FillStore(source),
    bars,
    new SimulationStore(source),
  );
});
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true });
});

const tenantId = 'acme';
const simulate = (userId: string, roundTripId: string, horizonDays = 0) => {
  const request = { userId, roundTripId, horizonDays };
  return performJob('trading.simulate_simple', (r, ctx) => handler.handle(r, ctx), request, { tenantId });
};

/** Ten units bought on a session's close and sold ten sessions later. */
async function trade(userId: string, session: number, symbol = 'KEST'): Promise<RoundTripRow> {
  const owner = { tenantId, userId };
  const fill = (side: 'buy' | 'sell', day: number): FillRow => ({
    extId: side,
    symbol,
    side,
    quantity: '10',
    price: String(100 + day),
    fee: '0',
    feeCurrency: 'USD',
    at: new Date(`${dates[day]}T20:00:00Z`),
  });
  const rows = [fill('buy', session), fill('sell', session + 10)];
  const fills = new FillStore(source);
  await source.transaction((tx) => fills.upsertPage(tx, owner, 'csv', randomUUID(), rows));
  const trips = matchLots((await fills.inWindow(owner)).map(fillOfRow)).roundTrips.map(rowOfRoundTrip);
  await source.transaction((tx) => new RoundTripStore(source).replaceAll(tx, owner, trips));
  return trips[0]!;
}

it('works out the alternatives and keeps them', async () => {
  const trip = await trade('ada', 150);
  const { result } = await simulate('ada', trip.id);
  expect(result).toMatchObject({ partial: false, cached: false, pnlActual: '100', bestAlternative: 'hold_20' });
  expect(result.bestDeltaPnl).toBe('100');
  const kept = await new SimulationStore(source).find(tenantId, result.simulationId);
  expect(kept).toMatchObject({ horizonDays: 20, bestAlternative: 'hold_20' });
  expect((kept!.outcome as { curve: unknown[] }).curve).toHaveLength(20);
});

it('answers the same question from the store for an hour', async () => {
  const trip = await trade('bea', 150);
  const { result } = await simulate('bea', trip.id);
  expect((await simulate('bea', trip.id, 20)).result).toEqual({ ...result, cached: true });
  expect((await simulate('bea', trip.id, 5)).result).toMatchObject({ cached: false, bestDeltaPnl: '0' });
  await source.query(`update trading.simulations set computed_at = now() - interval '61 minutes'`);
  expect((await simulate('bea', trip.id)).result).toEqual(result);
});

it('is partial while the horizon is not over', async () => {
  const trip = await trade('cleo', dates.length - 12);
  expect((await simulate('cleo', trip.id)).result).toMatchObject({ partial: true });
});

it("finds nobody else's round trip", async () => {
  const trip = await trade('dora', 150);
  for (const [user, id] of [
    ['emma', trip.id],
    ['dora', randomUUID()],
    ['dora', 'x'],
  ] as const) {
    await expect(simulate(user, id)).rejects.toMatchObject({ cause: { code: 'NOT_FOUND', field: 'round_trip_id' } });
  }
});

it('says that there are no bars', async () => {
  const trip = await trade('fay', 150, 'NONE');
  await expect(simulate('fay', trip.id)).rejects.toMatchObject({ cause: { code: 'FAILED_PRECONDITION' } });
});
