import { Decimal } from '../model/decimal.js';
import type { Bar } from '../model/bar.js';
import type { Fill } from '../model/fill.js';
import { weekdays } from '../synthetic/random-bars.js';
import { scoreTrades } from './score-trades.js';

/** Close to 102, with a dip to 94 of two sessions every 30. */
const dates = weekdays('2025-01-06', 260);
const bars: Bar[] = dates.map((date, t) => {
  const close = t % 30 < 2 ? 94 : 102 + 0.3 * Math.sin(t);
  return { date, open: close, high: close + 1, low: close - 1, close, volume: 1000 };
});
const barsBySymbol = new Map([['KEST', bars]]);
const fill = (t: number, side: 'buy' | 'sell', quantity: number): Fill => ({
  id: `${t}${side}`,
  userId: 'u',
  broker: 'test',
  extId: `${t}${side}`,
  symbol: 'KEST',
  side,
  quantity: new Decimal(quantity),
  price: new Decimal(bars[t]!.close.toFixed(2)),
  fee: new Decimal(0),
  feeCurrency: 'USD',
  at: new Date(`${dates[t]}T15:30:00Z`),
});
const tagsOf = (fills: Fill[]) =>
  scoreTrades({ fills, barsBySymbol }).tags.filter((tag) => tag.label === 'averaging_down');

it('tags adds that come only below cost, once there are enough of them', () => {
  const fills = [fill(65, 'buy', 10), fill(90, 'buy', 7), fill(120, 'buy', 9), fill(151, 'buy', 12)];
  const tags = tagsOf(fills);
  expect(tags.map((tag) => tag.fillId)).toEqual(['120buy', '151buy']);
  expect(tags[0]!.features).toMatchObject({ adds: 2, addsBelowCost: 2 });
  expect(tags[0]!.insight).toContain('consistent with');
});

it('leaves out equal buys on a schedule, whatever the price does', () => {
  // The first one near 102, all later ones in a dip: without the schedule the third would be tagged.
  const monthly = [5, 30, 60, 90, 120, 150].map((t) => fill(t, 'buy', 10));
  expect(tagsOf(monthly)).toEqual([]);
  const uneven = monthly.map((buy, i) => ({ ...buy, quantity: new Decimal(10 + 3 * i) }));
  expect(tagsOf(uneven)).not.toEqual([]);
});

it('one add is never a pattern', () => {
  expect(tagsOf([fill(65, 'buy', 10), fill(150, 'buy', 4)])).toEqual([]);
});
