import { migratedSource } from '@roundhouse/testing';
import { matchLots } from '../lots/lot-matcher.js';
import { Decimal } from '../model/decimal.js';
import type { Fill } from '../model/fill.js';
import { rowOfRoundTrip, roundTripOfRow, RoundTripStore } from './round-trip-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const owner = { tenantId: 'acme', userId: 'ada' };
const day = (n: number) => new Date(Date.UTC(2026, 0, n, 15));

const fills = [1, 2, 3, 4].map((n): Fill => ({
  id: `00000000-0000-4000-8000-00000000000${n}`,
  userId: owner.userId,
  broker: 'csv',
  extId: String(n),
  symbol: 'KEST',
  side: n % 2 === 0 ? 'sell' : 'buy',
  quantity: new Decimal(10),
  price: new Decimal(10 + n),
  fee: new Decimal('0.1'),
  feeCurrency: 'USD',
  at: day(n),
}));

it('makes the round trips of a user exactly the ones it is given', async () => {
  const matched = matchLots(fills).roundTrips;
  const rows = matched.map(rowOfRoundTrip);
  const trips = new RoundTripStore(source);
  const replace = (with_: typeof rows) => source.transaction((tx) => trips.replaceAll(tx, owner, with_));
  for (let run = 0; run < 2; run++) await replace(rows);
  expect(await trips.inWindow(owner, {})).toEqual(rows);
  expect((await trips.inWindow(owner, {})).map(roundTripOfRow)).toEqual(matched);
  const corrected = { ...rows[0]!, pnl: '-0.000000000000000001' };
  await replace([corrected]);
  expect(await trips.inWindow(owner, {})).toEqual([corrected]);
});

it('finds round trips by their exit, and only those of the owner', async () => {
  const rows = matchLots(fills).roundTrips.map(rowOfRoundTrip);
  const trips = new RoundTripStore(source);
  await source.transaction((tx) => trips.replaceAll(tx, owner, rows));
  expect(await trips.inWindow(owner, { since: day(3), until: day(5) })).toEqual([rows[1]]);
  expect(await trips.find(owner, rows[0]!.id)).toEqual(rows[0]);
  expect(await trips.find({ ...owner, tenantId: 'other' }, rows[0]!.id)).toBeUndefined();
  expect(await trips.find({ ...owner, userId: 'bea' }, rows[0]!.id)).toBeUndefined();
  expect(await trips.find(owner, 'no uuid')).toBeUndefined();
  const first = await trips.page(owner, { symbol: 'KEST' }, { limit: 1 });
  const second = await trips.page(owner, {}, { limit: 1, cursor: first.nextCursor });
  expect([first.rows, second.rows, second.nextCursor]).toEqual([[rows[1]], [rows[0]], undefined]);
});
