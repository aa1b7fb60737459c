import { migratedSource } from '@roundhouse/testing';
import type { BarSeries, BarSource } from '../market-data/bar-source.js';
import { Decimal } from '../model/decimal.js';
import { BarCache, type CachedSource } from './bar-cache.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);
beforeEach(() => source.query('truncate trading.bars, trading.bar_ranges'));

/** A source with one bar a day for its symbols, which remembers what it was asked for. */
class Days implements BarSource {
  readonly asked: string[] = [];
  constructor(
    private readonly symbols: string[],
    private readonly adjusted = false,
  ) {}

  async dailyBars(symbol: string, from: string, to: string): Promise<BarSeries | undefined> {
    this.asked.push(`${symbol} ${from} ${to}`);
    if (!this.symbols.includes(symbol)) return undefined;
    const bars = [];
    for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000) {
      const date = new Date(at).toISOString().slice(0, 10);
      bars.push({ date, open: 1, high: 2, low: 0.5, close: 1.5, volume: 0 });
    }
    const splits = [{ symbol, date: from, ratio: new Decimal(2) }];
    return { symbol, bars, splits, adjusted: this.adjusted, source: 'days', problems: [] };
  }
}

const signal = new AbortController().signal;
const span = (since: string, until: string) => ({ since, until });
const cached = (name: string, bars: BarSource): CachedSource => ({ name, source: bars, maxAgeMs: 3_600_000 });
let now = new Date('2026-03-20T12:00:00Z');
const cacheOf = (...sources: CachedSource[]) => new BarCache(source, sources, () => now);

it('fetches a span once, widens it when more is asked for, and fetches it again when it is old', async () => {
  const days = new Days(['KEST', 'SPY']);
  const cache = cacheOf(cached('days', days));
  const first = await cache.load(['KEST', 'SPY', 'KEST'], span('2026-01-05', '2026-01-07'), signal);
  expect(first.bySymbol.get('KEST')!.map((bar) => bar.date)).toEqual(['2026-01-05', '2026-01-06', '2026-01-07']);
  expect(first.missing).toEqual([]);
  await cache.load(['KEST'], span('2026-01-06', '2026-01-06'), signal);
  await cache.load(['KEST'], span('2026-01-06', '2026-01-09'), signal);
  now = new Date(now.getTime() + 2 * 3_600_000);
  await cache.load(['KEST'], span('2026-01-06', '2026-01-07'), signal);
  expect(days.asked).toEqual([
    'KEST 2026-01-05 2026-01-07',
    'SPY 2026-01-05 2026-01-07',
    'KEST 2026-01-05 2026-01-09',
    'KEST 2026-01-05 2026-01-09',
  ]);
});

it('asks the next source for what the first one does not have, and remembers that, too', async () => {
  const [first, second] = [new Days(['KEST']), new Days(['BTCUSDT'], true)];
  const cache = cacheOf(cached('first', first), cached('second', second));
  for (let run = 0; run < 2; run++) {
    const loaded = await cache.load(['KEST', 'BTCUSDT', 'NONE'], span('2026-01-05', '2026-01-05'), signal);
    expect([...loaded.bySymbol.keys()].sort()).toEqual(['BTCUSDT', 'KEST']);
    expect(loaded.missing).toEqual(['NONE']);
    expect(loaded.splits).toEqual([{ symbol: 'BTCUSDT', date: '2026-01-05', ratio: new Decimal(2) }]);
  }
  expect(first.asked).toHaveLength(3);
  expect(second.asked).toHaveLength(2);
});

it('never asks for days to come and lets failures of a source through', async () => {
  const days = new Days(['KEST']);
  const loaded = await cacheOf(cached('days', days)).load(['KEST'], span('2026-03-19', '2026-12-31'), signal);
  expect(loaded.bySymbol.get('KEST')).toHaveLength(2);
  const broken: BarSource = { dailyBars: () => Promise.reject(new Error('no answer')) };
  const failing = cacheOf(cached('broken', broken)).load(['KEST'], span('2026-01-05', '2026-01-05'), signal);
  await expect(failing).rejects.toThrow('no answer');
});
