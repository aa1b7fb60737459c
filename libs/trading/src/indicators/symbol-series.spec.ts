import type { Bar } from '../model/bar.js';
import { highestHigh, relativeVolume, trailingReturn } from './aligned-indicators.js';
import { symbolSeries, trailingPercentile } from './symbol-series.js';

const bars: Bar[] = Array.from({ length: 60 }, (_, t) => {
  const close = 50 + 10 * Math.sin(t / 7) + (t % 3);
  return {
    date: new Date(Date.UTC(2026, 0, 1 + t)).toISOString().slice(0, 10),
    open: close,
    high: close + 1,
    low: close - 1,
    close,
    volume: 100 + t,
  };
});

it('matches the plain definitions', () => {
  expect(trailingReturn(bars)[4]).toBeNull();
  expect(trailingReturn(bars)[9]).toBeCloseTo(bars[9]!.close / bars[4]!.close - 1, 12);
  const volume = bars.slice(11, 31).reduce((sum, bar) => sum + bar.volume, 0) / 20;
  expect(relativeVolume(bars)[30]).toBeCloseTo(130 / volume, 12);
  highestHigh(bars, 10).forEach((value, t) => {
    expect(value).toBe(t < 9 ? null : Math.max(...bars.slice(t - 9, t + 1).map((bar) => bar.high)));
  });
});

it('a value never depends on later bars', () => {
  const changed = bars.map((bar, t) => (t < 40 ? bar : { ...bar, close: 9, high: 99, low: 1, volume: 7 }));
  const [before, after] = [symbolSeries(bars), symbolSeries(changed)];
  for (const name of ['atr14', 'rsi14', 'sma20', 'return5', 'relativeVolume20', 'stretch', 'maxReturn21'] as const) {
    expect(after[name].slice(0, 40)).toEqual(before[name].slice(0, 40));
  }
  expect(symbolSeries(bars)).toBe(before);
});

it('ranks a value among the last ones', () => {
  const column = Float64Array.from([NaN, 1, 2, 3, 4]);
  expect(trailingPercentile(column, 4, 3, 10, 4)).toBe(3 / 5);
  expect(trailingPercentile(column, 4, 3, 10, 5)).toBeNull();
  expect(trailingPercentile(column, 4, 3, 2, 2)).toBe(1 / 3);
});
