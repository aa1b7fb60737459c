import fc from 'fast-check';
import { Decimal } from '../model/decimal.js';
import type { Fill } from '../model/fill.js';
import { matchLots } from './lot-matcher.js';

let count = 0;
function fill(side: 'buy' | 'sell', quantity: number, price: number, fee = 0, day = count): Fill {
  count += 1;
  return {
    id: `f${count}`,
    userId: 'u',
    broker: 'test',
    extId: String(count),
    symbol: 'KEST',
    side,
    quantity: new Decimal(quantity),
    price: new Decimal(price),
    fee: new Decimal(fee),
    feeCurrency: 'USD',
    at: new Date(Date.UTC(2026, 0, 5, 15) + day * 86_400_000),
  };
}
const pnls = (fills: Fill[], method: 'fifo' | 'average' = 'fifo') =>
  matchLots(fills, { method }).roundTrips.map((trip) => trip.pnl.toNumber());

beforeEach(() => (count = 0));

describe('matchLots', () => {
  it('prorates entry costs: 39.12 and 118.68, 157.80 in all', () => {
    const { roundTrips, openLots } = matchLots([
      fill('buy', 100, 10, 1.1),
      fill('sell', 40, 11, 0.44),
      fill('sell', 60, 12, 0.66),
    ]);
    expect(roundTrips.map((trip) => trip.pnl.toString())).toEqual(['39.12', '118.68']);
    expect(Decimal.sum(...roundTrips.map((trip) => trip.pnl)).toString()).toBe('157.8');
    expect(openLots).toEqual([]);
  });

  it('gives +80 by FIFO and +30 by average cost', () => {
    const fills = [fill('buy', 10, 10), fill('buy', 10, 20), fill('sell', 10, 18)];
    expect(pnls(fills)).toEqual([80]);
    expect(pnls(fills, 'average')).toEqual([30]);
  });

  it('flips through zero: the fee is shared between the exit and the new short', () => {
    const { roundTrips, openLots } = matchLots([
      fill('buy', 10, 10),
      fill('sell', 25, 12, 2.5),
      fill('buy', 15, 11, 0),
    ]);
    expect(roundTrips.map((trip) => [trip.direction, trip.pnl.toNumber()])).toEqual([
      ['long', 19],
      ['short', 13.5],
    ]);
    expect(openLots).toEqual([]);
  });

  it('adjusts open lots for a split on its date', () => {
    const fills = [fill('buy', 10, 400, 0, 0), fill('sell', 40, 110, 0, 10)];
    const splits = [{ symbol: 'KEST', date: '2026-01-09', ratio: new Decimal(4) }];
    const { roundTrips, openLots } = matchLots(fills, { splits });
    expect(roundTrips).toHaveLength(1);
    expect(roundTrips[0]!.pnl.toNumber()).toBe(400);
    expect(openLots).toEqual([]);
  });

  it('keeps users and symbols apart', () => {
    const other = { ...fill('sell', 5, 12), userId: 'v' };
    const { roundTrips, openLots } = matchLots([fill('buy', 5, 10), other]);
    expect(roundTrips).toEqual([]);
    expect(openLots.map((lot) => [lot.userId, lot.direction])).toEqual([
      ['v', 'short'],
      ['u', 'long'],
    ]);
  });

  const arbitraryFills = fc
    .array(
      fc.record({
        side: fc.constantFrom('buy' as const, 'sell' as const),
        quantity: fc.integer({ min: 1, max: 50 }),
        price: fc.integer({ min: 100, max: 20_000 }).map((cents) => cents / 100),
        fee: fc.integer({ min: 0, max: 300 }).map((cents) => cents / 100),
      }),
      { maxLength: 40 },
    )
    .map((rows) => {
      count = 0;
      return rows.map((row) => fill(row.side, row.quantity, row.price, row.fee));
    });
  const method = fc.constantFrom('fifo' as const, 'average' as const);

  it('conserves quantity and cash', () => {
    fc.assert(
      fc.property(arbitraryFills, method, (fills, by) => {
        const { roundTrips, openLots } = matchLots(fills, { method: by });
        const signed = (side: string, quantity: Decimal) =>
          side === 'buy' || side === 'long' ? quantity : quantity.neg();
        const traded = fills.reduce((sum, f) => sum.plus(signed(f.side, f.quantity)), new Decimal(0));
        const open = openLots.reduce((sum, lot) => sum.plus(signed(lot.direction, lot.quantity)), new Decimal(0));
        expect(open.eq(traded)).toBe(true);
        // Cash flow = realised profit − cost of what is still open.
        const cash = fills.reduce(
          (sum, f) => sum.minus(signed(f.side, f.quantity).times(f.price)).minus(f.fee),
          new Decimal(0),
        );
        const tied = openLots.reduce(
          (sum, lot) => sum.plus(signed(lot.direction, lot.quantity).times(lot.price)).plus(lot.cost),
          new Decimal(0),
        );
        const realised = roundTrips.reduce((sum, trip) => sum.plus(trip.pnl), new Decimal(0));
        expect(realised.minus(tied).minus(cash).abs().lt(1e-20)).toBe(true);
      }),
    );
  });

  it('gives the same round trips when a window starts from the lots of the one before', () => {
    fc.assert(
      fc.property(arbitraryFills, method, fc.nat(40), (fills, by, cut) => {
        const whole = matchLots(fills, { method: by });
        const before = matchLots(fills.slice(0, cut), { method: by });
        const after = matchLots(fills.slice(cut), { method: by, openingLots: before.openLots });
        expect([...before.roundTrips, ...after.roundTrips]).toEqual(whole.roundTrips);
        expect(after.openLots).toEqual(whole.openLots);
        expect(new Set(whole.roundTrips.map((trip) => trip.id)).size).toBe(whole.roundTrips.length);
      }),
    );
  });
});
