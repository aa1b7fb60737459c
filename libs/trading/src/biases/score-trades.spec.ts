import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { Bar } from '../model/bar.js';
import { Decimal } from '../model/decimal.js';
import { randomMarket } from '../synthetic/random-bars.js';
import { simulateTrader } from '../synthetic/simulated-trader.js';
import type { BiasTag } from './bias-tag.js';
import { scoreTrades } from './score-trades.js';

const barsBySymbol = randomMarket({ symbols: 5, days: 320, seed: 4 });
const biases = { chasing: 0.5, attention: 0.3, averagingDown: 4, revenge: 0.6 };
const fills = simulateTrader({ userId: 'u', barsBySymbol, seed: 9, biases, warmUp: 120, openings: 1.5 });

describe('scoreTrades', () => {
  it('gives the same tags with the same ids for the same trades', () => {
    const [once, again] = [scoreTrades({ fills, barsBySymbol }), scoreTrades({ fills, barsBySymbol })];
    expect(again).toEqual(once);
    expect(new Set(once.tags.map((tag) => tag.id)).size).toBe(once.tags.length);
    expect(once.tags.length).toBeGreaterThanOrEqual(20);
    expect(once.labels.reduce((sum, { count }) => sum + count, 0)).toBe(once.tags.length);
  });

  it('says "consistent with" and stores what each tag rests on', () => {
    for (const tag of scoreTrades({ fills, barsBySymbol }).tags) {
      expect(tag.insight.toLowerCase()).toContain('consistent with');
      expect(tag.confidence).toBeGreaterThan(0);
      expect(tag.confidence).toBeLessThanOrEqual(1);
      expect(tag.n).toBeGreaterThan(0);
      expect(tag.method).not.toBe('');
      expect(Object.values(tag.features).every((value) => typeof value !== 'number' || Number.isFinite(value))).toBe(
        true,
      );
    }
  });

  it('a feature at entry never looks at bars from the entry on', () => {
    const atEntry = (tag: BiasTag) => tag.scope === 'trade' && tag.label !== 'early_exit';
    const dates = barsBySymbol.get('SYM0')!.map((bar) => bar.date);
    const known = scoreTrades({ fills, barsBySymbol }).tags.filter(atEntry);
    fc.assert(
      fc.property(fc.integer({ min: 150, max: 319 }), fc.double({ min: 0.3, max: 3, noNaN: true }), (t, factor) => {
        const date = dates[t]!;
        const changed = new Map(
          [...barsBySymbol].map(([symbol, bars]): [string, Bar[]] => [
            symbol,
            bars.map((bar) =>
              bar.date < date
                ? bar
                : {
                    ...bar,
                    open: bar.open * factor,
                    high: bar.high * factor * 1.1,
                    low: bar.low * factor * 0.9,
                    close: bar.close * factor,
                    volume: bar.volume * 9 * factor,
                  },
            ),
          ]),
        );
        const until = new Date(`${date}T23:59:59Z`);
        const before = (tags: BiasTag[]) => tags.filter((tag) => atEntry(tag) && tag.at < until);
        expect(before(scoreTrades({ fills, barsBySymbol: changed }).tags)).toEqual(before(known));
      }),
      { numRuns: 15 },
    );
  });

  it('tags only inside the window, and knows the lots from before it', () => {
    const since = new Date('2025-01-20T00:00:00Z');
    const all = scoreTrades({ fills, barsBySymbol });
    const part = scoreTrades({ fills, barsBySymbol, window: { since, until: null } });
    expect(part.tags.every((tag) => tag.at >= since)).toBe(true);
    expect(part.roundTrips).toEqual(all.roundTrips);
    const entries = (tags: BiasTag[]) => tags.filter((tag) => tag.scope === 'trade' && tag.at >= since);
    expect(entries(part.tags)).toEqual(entries(all.tags));
  });

  it('says so when there is not enough data, and when a symbol has no bars', () => {
    const few = scoreTrades({ fills: fills.slice(0, 4), barsBySymbol: new Map() });
    expect(few.findings).toHaveLength(6);
    expect(
      few.findings.every((finding) => finding.status === 'insufficient_data' && finding.insight.startsWith('Needs')),
    ).toBe(true);
    expect(few.tags).toEqual([]);
    expect(few.symbolsWithoutBars.length).toBeGreaterThan(0);
    expect(scoreTrades({ fills: [], barsBySymbol })).toMatchObject({ tags: [], trades: 0 });
  });

  it('refuses a mix of users', () => {
    expect(() => scoreTrades({ fills: [fills[0]!, { ...fills[1]!, userId: 'v' }], barsBySymbol })).toThrow('one user');
  });
});

const market = path.resolve('../shared/data/market/default.csv');
(existsSync(market) ? it : it.skip)(
  'long at the close of 2018-01-26 is tagged as chasing with the published features',
  () => {
    const bars = readFileSync(market, 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line): Bar => {
        const [date, open, high, low, close, volume] = line.split(',');
        return { date: date!, open: +open!, high: +high!, low: +low!, close: +close!, volume: +volume! };
      });
    const { tags } = scoreTrades({
      fills: [
        {
          ...fills[0]!,
          symbol: 'SPYX',
          side: 'buy',
          price: new Decimal('276.01'),
          at: new Date('2018-01-26T20:59:00Z'),
        },
      ],
      barsBySymbol: new Map([['SPYX', bars]]),
    });
    const tag = tags.find(({ label }) => label === 'chasing')!;
    expect(tag.features.sma20).toBeCloseTo(265.415, 3);
    expect(tag.features.atr14).toBeCloseTo(1.7918, 4);
    expect(tag.features.rsi14).toBeCloseTo(83.98, 2);
    expect(tag.features.dist).toBeCloseTo(5.913, 3);
    expect(tag.features.barDate).toBe('2018-01-25');
  },
);
