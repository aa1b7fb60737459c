import type { RoundTrip } from '../lots/round-trip.js';
import type { Bar } from '../model/bar.js';
import { Decimal, ZERO } from '../model/decimal.js';
import { maxDrawdown } from './drawdown.js';
import { excursion } from './excursion.js';
import { sharpeRatio, sortinoRatio } from './risk-adjusted-return.js';
import { rMultiple, tradeStatistics } from './trade-statistics.js';

const closed = (pnl: number, hours = 24) => ({
  pnl: new Decimal(pnl),
  entryCost: new Decimal('0.5'),
  exitCost: new Decimal('0.25'),
  entryAt: new Date(0),
  exitAt: new Date(hours * 3_600_000),
});

describe('tradeStatistics', () => {
  it('197.75, 98.90, −2: win rate 66.67 %, profit factor 148.325, expectancy 98.2167', () => {
    const result = tradeStatistics([closed(197.75), closed(98.9), closed(-2, 48)]);
    expect(result.winRate).toBeCloseTo(0.6667, 4);
    expect(result.profitFactor).toBeCloseTo(148.325, 9);
    expect(result.expectancy!.toFixed(4)).toBe('98.2167');
    expect(result.averageWin!.toString()).toBe('148.325');
    expect(result.averageLoss!.toString()).toBe('-2');
    expect(result.fees.toString()).toBe('2.25');
    expect(result.meanHoldingHours).toBe(32);
    expect(result.meanHoldingHoursOfLosses).toBe(48);
  });

  it('counts break-even trades once with and once without', () => {
    const result = tradeStatistics([closed(1), closed(0), closed(-1), closed(0)]);
    expect([result.winRate, result.winRateWithoutBreakEven, result.breakEven]).toEqual([0.25, 0.5, 2]);
  });

  it('has no ratios over nothing', () => {
    expect(tradeStatistics([closed(5)]).profitFactor).toBeNull();
    expect(tradeStatistics([])).toMatchObject({
      winRate: null,
      profitFactor: null,
      expectancy: null,
      largestLoss: null,
    });
  });
});

it('R is profit over what was risked, null without a stop', () => {
  const trip = { pnl: new Decimal(300), entryPrice: new Decimal(50), quantity: new Decimal(100) };
  expect(rMultiple(trip, new Decimal(48))).toBe(1.5);
  expect(rMultiple(trip, null)).toBeNull();
});

it('drawdown is a share with a known equity and an amount without', () => {
  const profits = [100, -50, 200, -300, 20].map((value) => new Decimal(value));
  expect(maxDrawdown(profits, new Decimal(1000))).toEqual({ amount: new Decimal(300), share: 300 / 1250 });
  expect(maxDrawdown(profits)).toEqual({ amount: new Decimal(300), share: null });
  expect(maxDrawdown([], null).amount).toEqual(ZERO);
});

it('Sharpe and Sortino need 60 days', () => {
  const returns = Array.from({ length: 60 }, (_, day) => (day % 2 === 0 ? 0.02 : -0.01));
  const sd = Math.sqrt((60 * 0.015 ** 2) / 59);
  expect(sharpeRatio(returns)).toBeCloseTo((Math.sqrt(252) * 0.005) / sd, 9);
  expect(sortinoRatio(returns, 365)).toBeCloseTo((Math.sqrt(365) * 0.005) / Math.sqrt(0.0001 / 2), 9);
  expect(sharpeRatio(returns.slice(1))).toBeNull();
  expect(sharpeRatio(returns.map(() => 0.01))).toBeNull();
  expect(sortinoRatio(returns.map(() => 0.01))).toBeNull();
});

it('excursions count from the day after the entry', () => {
  const bars: Bar[] = [
    [90, 110],
    [99, 104],
    [96, 107],
    [80, 130],
  ].map(([low, high], i) => ({ date: `2026-01-0${5 + i}`, open: 100, low: low!, high: high!, close: 100, volume: 1 }));
  const trip: Pick<RoundTrip, 'direction' | 'entryPrice' | 'entryAt' | 'exitAt'> = {
    direction: 'long',
    entryPrice: new Decimal(100),
    entryAt: new Date('2026-01-05T15:00:00Z'),
    exitAt: new Date('2026-01-07T15:00:00Z'),
  };
  expect(excursion(trip, bars)).toEqual({ mae: 4, mfe: 7, approximate: true, days: 2 });
  expect(excursion({ ...trip, direction: 'short' }, bars)).toMatchObject({ mae: 7, mfe: 4 });
  expect(excursion({ ...trip, exitAt: trip.entryAt }, bars)).toBeNull();
});
