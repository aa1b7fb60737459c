import type { Bar } from '../model/bar.js';
import { symbolSeries } from '../indicators/symbol-series.js';
import { probabilityGreater } from '../statistics/beta-posterior.js';
import { countRealizations, disposition, withinDaysPValue } from './disposition.js';
import type { SaleDay } from './sale-day.js';

const date = '2026-03-02';
/** One bar around `price`; the average cost is 100 everywhere. */
function holding(symbol: string, price: number): SaleDay['held'][number] {
  const bar: Bar = { date, open: price, high: price + 1, low: price - 1, close: price, volume: 1 };
  return { symbol, averageCost: 100, series: symbolSeries([bar]) };
}
const up = (symbol: string) => holding(symbol, 110);
const down = (symbol: string) => holding(symbol, 90);
const day = (held: SaleDay['held'], sold: string[]): SaleDay => ({
  date,
  at: new Date(`${date}T15:00:00Z`),
  held,
  sales: sold.map((symbol) => {
    const { averageCost, series } = held.find((one) => one.symbol === symbol)!;
    return { symbol, averageCost, price: series!.close[0]! };
  }),
});
const days = [
  day([up('A'), up('B'), down('C'), down('D'), down('E')], ['A', 'C']),
  day([up('F'), up('G'), down('H')], ['F']),
];

it('counts RG 2, PG 2, RL 1, PL 3: PGR ½, PLR ¼, confidence 0.738 and no tag', () => {
  const counts = countRealizations(days);
  expect(counts).toEqual({ realizedGains: 2, paperGains: 2, realizedLosses: 1, paperLosses: 3 });
  expect(probabilityGreater(2, 2, 1, 3)).toBeCloseTo(0.738, 3);
  expect(disposition(days).pValue).toBeNull();
});

it('counts neither a gain nor a loss when the day straddles the cost, and no day with one holding', () => {
  const straddles = day([up('A'), holding('B', 100)], ['A']);
  expect(countRealizations([straddles])).toMatchObject({ realizedGains: 1, paperGains: 0, paperLosses: 0 });
  expect(countRealizations([day([up('A')], ['A'])])).toMatchObject({ realizedGains: 0 });
});

it('tags ten times as many: the posterior and the comparison within days agree', () => {
  const many = Array.from({ length: 12 }, () => days).flat();
  const test = disposition(many);
  expect(test).toMatchObject({ features: { pgr: 0.5, plr: 0.25 }, flagged: true });
  expect(test.pValue).toBeLessThan(0.01);
});

it('the comparison within days is not misled by days on which everything is up', () => {
  const onlyGains = { realizedGains: 1, paperGains: 1, realizedLosses: 0, paperLosses: 0 };
  const onlyLosses = { realizedGains: 0, paperGains: 0, realizedLosses: 1, paperLosses: 5 };
  const all = Array.from({ length: 30 }, () => [onlyGains, onlyLosses]).flat();
  expect(probabilityGreater(30, 30, 30, 150)).toBeGreaterThan(0.99);
  expect(withinDaysPValue(all)).toBe(1);
});
