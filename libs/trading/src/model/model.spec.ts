import { Decimal } from './decimal.js';
import { feeInTradeCurrency } from './fee.js';
import type { Fill } from './fill.js';
import { lastBarBefore } from './bar.js';
import { sessionDate } from './session-date.js';
import { adjustFillsForSplits } from './split.js';

const fill: Fill = {
  id: '1',
  userId: 'u',
  broker: 'binance',
  extId: '1',
  symbol: 'BNBBTC',
  side: 'buy',
  quantity: new Decimal('12'),
  price: new Decimal('4.000001'),
  fee: new Decimal('10.1'),
  feeCurrency: 'BNB',
  at: new Date('2026-03-06T20:00:00Z'),
};

it('converts a fee in the base asset at the fill, and leaves a third asset out', () => {
  expect(feeInTradeCurrency(fill).cost.toString()).toBe('40.4000101');
  expect(feeInTradeCurrency({ ...fill, feeCurrency: 'BTC' }).cost.toString()).toBe('10.1');
  expect(feeInTradeCurrency({ ...fill, feeCurrency: 'ETH' })).toEqual({ cost: new Decimal(0), unconverted: true });
  expect(feeInTradeCurrency({ ...fill, symbol: 'KEST', feeCurrency: 'USD' }).cost.toString()).toBe('10.1');
});

it('dates a session in the zone of the market, also after midnight UTC', () => {
  expect(sessionDate(new Date('2026-01-06T00:30:00Z'), 'America/New_York')).toBe('2026-01-05');
  expect(sessionDate(new Date('2026-01-06T00:30:00Z'), 'UTC')).toBe('2026-01-06');
  expect(() => sessionDate(new Date(), 'Mars/Olympus')).toThrow('IANA');
});

it('restates fills before a split and keeps their value', () => {
  const [before, after] = adjustFillsForSplits(
    [fill, { ...fill, at: new Date('2026-03-09T14:00:00Z') }],
    [{ symbol: 'BNBBTC', date: '2026-03-09', ratio: new Decimal(3) }],
  );
  expect(before!.quantity.toString()).toBe('36');
  expect(before!.quantity.times(before!.price).toFixed(12)).toBe(fill.quantity.times(fill.price).toFixed(12));
  expect(after!.quantity.toString()).toBe('12');
});

it('finds the last complete bar before a date', () => {
  const bars = ['2026-01-02', '2026-01-05', '2026-01-06'].map((date) => ({
    date,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume: 0,
  }));
  expect(lastBarBefore(bars, '2026-01-02')).toBe(-1);
  expect(lastBarBefore(bars, '2026-01-05')).toBe(0);
  expect(lastBarBefore(bars, '2026-02-01')).toBe(2);
});
