import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Bar } from '../model/bar.js';
import { binomialTail } from '../statistics/exact-tests.js';
import { randomMarket, weekdays } from '../synthetic/random-bars.js';
import { simulatedRates, type SimulatedRates } from '../synthetic/simulated-rates.js';
import { LEVEL } from './bias-tag.js';

/**
 * Traders who decide by dice alone are tagged no more often than the nominal level says. Windows are independent, so the binomial test says
 * what may be luck (one in a thousand); decisions of one trader share their bars, so their rate, out of thousands, is compared itself.
 */
function expectNominal({ windows, trades }: SimulatedRates): void {
  for (const [label, { hits, of }] of windows) {
    expect([label, hits, of, binomialTail(hits, of, LEVEL) > 0.001]).toEqual([label, hits, of, true]);
  }
  for (const [label, { hits, of }] of trades) {
    expect(of).toBeGreaterThan(500);
    expect([label, hits, of, hits / of <= LEVEL]).toEqual([label, hits, of, true]);
  }
}

const folder = path.resolve('../shared/data/market');

/** The index fund, and six stretches of a share's history set on the same dates: eight real price paths with independent moves. */
function realMarket(): Map<string, Bar[]> {
  const read = (name: string): Bar[] => {
    const lines = readFileSync(path.join(folder, name), 'utf8').trim().split(/\r?\n/).slice(1);
    return lines.map((line) => {
      const [date, open, high, low, close, volume] = line.split(',');
      return { date: date!, open: +open!, high: +high!, low: +low!, close: +close!, volume: +volume! };
    });
  };
  const index = read('default.csv').slice(0, 400);
  const share = read('msft.csv').filter((bar) => bar.volume > 0 && bar.low > 1);
  const stretches = Array.from({ length: 6 }, (_, i) => share.slice(share.length - 400 * (i + 1)).slice(0, 400));
  return new Map(
    [index, ...stretches].map((bars, i) => [`R${i}`, bars.map((bar, t) => ({ ...bar, date: index[t]!.date }))]),
  );
}

describe('traders without a bias', () => {
  it('on invented bars', () => {
    const markets = Array.from({ length: 10 }, (_, i) => randomMarket({ symbols: 7, days: 400, seed: 300 + i }));
    expectNominal(simulatedRates({ traders: 60, seed: 1, bars: (trader) => markets[trader % 10]! }));
  });

  (existsSync(folder) ? it : it.skip)(
    'on real bars',
    () => {
      const market = realMarket();
      expectNominal(simulatedRates({ traders: 40, seed: 5000, bars: () => market }));
    },
    120_000,
  );
});

describe('traders with a bias', () => {
  const markets = Array.from({ length: 3 }, (_, i) => randomMarket({ symbols: 7, days: 400, seed: 700 + i }));
  const rates = (biases: Parameters<typeof simulatedRates>[0]['biases']) =>
    simulatedRates({ traders: 6, seed: 90, bars: (trader) => markets[trader % 3]!, biases });
  const share = (rate: { hits: number; of: number } | undefined) => rate!.hits / rate!.of;

  it.each([
    ['disposition', { disposition: 2 }, 0.8],
    ['revenge', { revenge: 0.6 }, 0.8],
    ['overconfidence', { overconfidence: 1.8 }, 0.5],
    ['overtrading', { overtrading: 12 }, 0.5],
    ['holding_losers', { disposition: 2.5 }, 0.3],
    ['anchoring', { anchoring: 0.8 }, 0.4],
  ] as const)('%s is found in most windows', (label, biases, power) => {
    expect(share(rates(biases).windows.get(label))).toBeGreaterThanOrEqual(power);
  });

  it.each([
    ['chasing', { chasing: 0.8 }, 0.03],
    ['attention', { attention: 0.8 }, 0.1],
    ['averaging_down', { averagingDown: 4 }, 0.2],
    ['revenge', { revenge: 0.6 }, 0.02],
  ] as const)('%s is found in far more decisions than by chance', (label, biases, least) => {
    const [with_, without] = [share(rates(biases).trades.get(label)), share(rates({}).trades.get(label))];
    expect(with_).toBeGreaterThan(least);
    expect(with_).toBeGreaterThan(1.8 * without);
  });
});

it('weekdays skip weekends', () => {
  expect(weekdays('2026-01-02', 3)).toEqual(['2026-01-02', '2026-01-05', '2026-01-06']);
});
