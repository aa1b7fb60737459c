import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Bar } from '../model/bar.js';
import { type Aligned, atr, ema, rsi, sma } from './aligned-indicators.js';

const folder = path.resolve('../shared/data/market');
const present = existsSync(path.join(folder, 'default.csv')) ? describe : describe.skip;

function readBars(): Bar[] {
  const lines = readFileSync(path.join(folder, 'default.csv'), 'utf8').trim().split(/\r?\n/).slice(1);
  return lines.map((line) => {
    const [date, ...numbers] = line.split(',');
    const [open, high, low, close, volume] = numbers.map(Number);
    return { date: date!, open: open!, high: high!, low: low!, close: close!, volume: volume! };
  });
}

function golden(name: string): Aligned {
  const rows = JSON.parse(readFileSync(path.join(folder, `golden-${name}.json`), 'utf8')) as Record<
    string,
    number | null
  >[];
  return rows.map((row) => row[name] ?? null);
}

function largestError(ours: Aligned, theirs: Aligned, from = 0): number {
  expect(ours).toHaveLength(theirs.length);
  return ours.reduce<number>((worst, value, t) => {
    const other = theirs[t];
    return value === null || other == null || t < from ? worst : Math.max(worst, Math.abs(value - other));
  }, 0);
}

present('indicators against the golden series', () => {
  const bars = present === describe ? readBars() : [];

  it('RSI14 and SMA20 agree exactly, from the same first bar on', () => {
    const [ourRsi, theirRsi] = [rsi(bars), golden('rsi')];
    const [ourSma, theirSma] = [sma(bars), golden('sma')];
    expect(ourRsi.findIndex((value) => value !== null)).toBe(theirRsi.findIndex((value) => value !== null));
    expect(ourSma.findIndex((value) => value !== null)).toBe(theirSma.findIndex((value) => value !== null));
    expect(largestError(ourRsi, theirRsi)).toBeLessThan(1e-6);
    expect(largestError(ourSma, theirSma)).toBeLessThan(1e-9);
  });

  it('ATR14 and EMA20 converge after warm-up', () => {
    expect(largestError(atr(bars), golden('atr'))).toBeLessThan(0.036);
    expect(largestError(atr(bars), golden('atr'), 100)).toBeLessThan(1e-4);
    expect(largestError(ema(bars), golden('ema'))).toBeLessThan(0.093);
    expect(largestError(ema(bars), golden('ema'), 100)).toBeLessThan(1e-4);
  });

  it('long at the close of 2018-01-26: SMA20 265.415, ATR14 1.7918, RSI14 83.98, distance 5.913', () => {
    const t = bars.findIndex((bar) => bar.date === '2018-01-26') - 1;
    const [average, range] = [sma(bars)[t]!, atr(bars)[t]!];
    expect(average).toBeCloseTo(265.415, 3);
    expect(range).toBeCloseTo(1.7918, 4);
    expect(rsi(bars)[t]!).toBeCloseTo(83.98, 2);
    expect((276.01 - average) / range).toBeCloseTo(5.913, 3);
  });
});
