import { symbolSeries } from '../indicators/symbol-series.js';
import type { Bar } from '../model/bar.js';
import { weekdays } from '../synthetic/random-bars.js';
import type { Entry, Exit } from './decision.js';
import { earlyExit } from './early-exit.js';
import { holdingLosers } from './holding-losers.js';
import { lottery } from './lottery.js';
import { overconfidence } from './overconfidence.js';
import { overtrading } from './overtrading.js';
import { revenge } from './revenge.js';

const START = Date.parse('2026-01-05T15:00:00Z');
const HOUR = 3_600_000;
const always = () => true;
let count = 0;
const entry = (hours: number, fields: Partial<Entry> = {}): Entry => ({
  fillId: `in-${(count += 1)}`,
  symbol: 'KEST',
  direction: 'long',
  kind: 'open',
  at: new Date(START + hours * HOUR),
  date: new Date(START + hours * HOUR).toISOString().slice(0, 10),
  quantity: 10,
  price: 100,
  notional: 1000,
  averageCost: null,
  openedOn: '',
  heldDays: null,
  series: null,
  lastBar: -1,
  ...fields,
});
const exit = (hours: number, pnl: number, fields: Partial<Exit> = {}): Exit => ({
  fillId: `out-${(count += 1)}`,
  positionId: `p-${count}`,
  symbol: 'KEST',
  direction: 'long',
  at: new Date(START + hours * HOUR),
  date: new Date(START + hours * HOUR).toISOString().slice(0, 10),
  quantity: 10,
  price: 100 + pnl / 10,
  averageCost: 100,
  entryPrice: 100,
  pnl,
  heldMilliseconds: 24 * HOUR,
  heldBars: 1,
  series: null,
  lastBar: -1,
  ...fields,
});

describe('revenge', () => {
  /** A day each: 40 exits, every fourth a large loss (each the largest so far), the others wins and small losses; `minutes` after each large loss the next entry. */
  const days = Array.from({ length: 40 }, (_, day) => ({ day, large: day % 4 === 3 }));
  const exits = days.map(({ day, large }) => exit(day * 24, large ? -100 - day : day % 4 === 1 ? -10 : 10));
  const entriesAfter = (minutes: (large: boolean) => number, fields: Partial<Entry> = {}) =>
    days.map(({ day, large }) => entry(day * 24 + minutes(large) / 60, fields));

  it('stands out when only large losses are answered within the hour', () => {
    const { tags, window } = revenge(
      entriesAfter((large) => (large ? 20 : 300)),
      exits,
      false,
      always,
    );
    expect(window).toMatchObject({ flagged: true, features: { quickReentries: 8, quickReentriesAfterLargeLosses: 8 } });
    expect(window.pValue).toBeLessThan(1e-6);
    // The first two are not yet a pattern.
    expect(tags.length).toBeGreaterThan(3);
    expect(tags.length).toBeLessThan(8);
    expect(tags[0]!.features).toMatchObject({ sameSymbol: true, minutesSinceLoss: 20 });
  });

  it('does not when every exit is answered, nor when the answer is another symbol at the usual size', () => {
    expect(
      revenge(
        entriesAfter(() => 20),
        exits,
        false,
        always,
      ).tags,
    ).toEqual([]);
    expect(
      revenge(
        entriesAfter((large) => (large ? 20 : 300), { symbol: 'OTHER' }),
        exits,
        false,
        always,
      ).tags,
    ).toEqual([]);
  });
});

it('holding losers: ten of each, longer losers stand out, shorter ones do not', () => {
  const exits = Array.from({ length: 24 }, (_, i) =>
    exit(i, i % 2 ? 50 : -50, { heldMilliseconds: (i % 2 ? 30 : 150 + i) * HOUR }),
  );
  expect(holdingLosers(exits, 1)).toMatchObject({ flagged: true, features: { winners: 12, losers: 12 } });
  expect(holdingLosers(exits, 1).pValue).toBeLessThan(0.001);
  expect(
    holdingLosers(
      exits.map((one) => ({ ...one, pnl: -one.pnl })),
      1,
    ),
  ).toMatchObject({ flagged: false });
  expect(holdingLosers(exits.slice(0, 18), 1).pValue).toBeNull();
});

it('overconfidence: twice the size after three wins in a row', () => {
  const exits = Array.from({ length: 80 }, (_, i) => exit(i * 24, i % 8 < 5 ? 10 : -10));
  const entries = exits.map((_, i) =>
    entry(i * 24 + 1, { notional: (i % 8 > 1 && i % 8 < 5 ? 2000 : 1000) + (i % 3) }),
  );
  const test = overconfidence(entries, exits, always, 1);
  expect(test).toMatchObject({ flagged: true, features: { entriesAfterWins: 30 } });
  expect(test.features.sizeRatio).toBeCloseTo(2, 2);
  expect(test.pValue).toBeLessThan(0.001);
});

it('overtrading: one costly day of fifteen decisions among quiet ones', () => {
  const sessions = weekdays('2026-01-05', 60);
  const entries = sessions.flatMap((date, i) =>
    Array.from({ length: i === 30 ? 15 : i % 2 }, () => entry(0, { date })),
  );
  const input = {
    entries,
    exits: [],
    feesByDate: new Map(sessions.map((date) => [date, 5])),
    sessions,
    meanPortfolioValue: 10_000,
  };
  const test = overtrading(input);
  expect(test).toMatchObject({
    flagged: true,
    features: { flaggedDays: 1, busiestDay: sessions[30], decisionsOnBusiestDay: 15 },
  });
  expect(test.pValue).toBeLessThan(1e-6);
  // 45 entries of 1,000 bought, half of that over 10,000, in 60 of 252 sessions.
  expect(test.features.annualTurnover).toBeCloseTo((0.5 * entries.length * 1000 * 252) / 60 / 10_000, 9);
  expect(overtrading({ ...input, feesByDate: new Map() })).toMatchObject({ pValue: 1, flagged: false });
  expect(overtrading({ ...input, sessions: sessions.slice(0, 10) }).pValue).toBeNull();
});

describe('with bars', () => {
  const dates = weekdays('2025-06-02', 200);
  const bars = dates.map((date, t): Bar => {
    const close = t < 171 ? 100 + (t % 2) : 100 + 3 * (t - 170);
    return { date, open: close, high: close + 1, low: close - 1, close, volume: 1000 };
  });
  const series = symbolSeries(bars);

  it('early exit: a small part of a move that is rare for the symbol, in hindsight, and only for winners', () => {
    const early = exit(0, 20, { series, lastBar: 169, date: dates[170]!, price: 102, entryPrice: 100, heldBars: 3 });
    const tag = earlyExit(early, 10)!;
    expect(tag.features.capture).toBeCloseTo(2 / 31, 9);
    expect(tag.features.missedR).toBeGreaterThan(10);
    expect(tag.insight).toContain('hindsight');
    expect(earlyExit({ ...early, pnl: -20 }, 10)).toBeNull();
    expect(earlyExit(early, 40)).toBeNull();
    expect(earlyExit({ ...early, date: dates[120]!, lastBar: 119 }, 10)).toBeNull();
  });

  it('lottery: cheap and jumpy, never more than 0.6', () => {
    const jumpy = symbolSeries(bars.map((bar, t) => ({ ...bar, close: t === 150 ? 4 : 2 })));
    const cheap = entry(0, { series: jumpy, lastBar: 155, price: 2 });
    expect(lottery(cheap)).toMatchObject({ confidence: 0.6, features: { maxReturn21: 1 } });
    expect(lottery({ ...cheap, price: 6 })).toBeNull();
    expect(lottery({ ...cheap, lastBar: 149 })).toBeNull();
  });
});
