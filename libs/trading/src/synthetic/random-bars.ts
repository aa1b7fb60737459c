import type { Bar } from '../model/bar.js';
import { seededRandom } from '../statistics/random.js';

/** Standard normal numbers by Box and Muller. */
export function normals(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Weekdays from `start` on, YYYY-MM-DD. */
export function weekdays(start: string, count: number): string[] {
  const dates: string[] = [];
  for (let at = Date.parse(`${start}T00:00:00Z`); dates.length < count; at += 86_400_000) {
    const date = new Date(at);
    if (date.getUTCDay() % 6 !== 0) dates.push(date.toISOString().slice(0, 10));
  }
  return dates;
}

export interface RandomMarket {
  symbols: number;
  days: number;
  seed: number;
  start?: string;
}

/**
 * Invented daily bars: prices without memory, but with what real ones have — volatility that comes in spells (GARCH(1,1)), a common factor,
 * opening gaps, and volume that rises with the size of a day's move. Symbols are called SYM0, SYM1, …
 */
export function randomMarket({ symbols, days, seed, start = '2024-01-01' }: RandomMarket): Map<string, Bar[]> {
  const dates = weekdays(start, days);
  const normal = normals(seededRandom(seed));
  const market = garch(days, 0.008, normal);
  return new Map(
    Array.from({ length: symbols }, (_, i) => {
      const own = garch(days, 0.01 + 0.004 * (i % 4), normal);
      let close = 20 + 15 * i;
      const bars = dates.map((date, d): Bar => {
        const move = 0.0003 + 0.7 * market[d]! + own[d]!;
        const open = close * Math.exp(move * 0.3 + 0.002 * normal());
        const end = close * Math.exp(move);
        const reach = (Math.abs(own[d]!) + 0.006) * close * 0.6;
        const high = Math.max(open, end) + reach * Math.abs(normal()) * 0.7;
        const low = Math.max(Math.min(open, end) - reach * Math.abs(normal()) * 0.7, Math.min(open, end) * 0.8);
        close = end;
        return {
          date,
          open,
          high,
          low,
          close,
          volume: Math.round(1e6 * Math.exp(0.3 * normal() + 12 * Math.abs(move))),
        };
      });
      return [`SYM${i}`, bars];
    }),
  );
}

function garch(days: number, volatility: number, normal: () => number): Float64Array {
  const mean = volatility ** 2;
  let variance = mean;
  let last = 0;
  return Float64Array.from({ length: days }, () => {
    variance = 0.05 * mean + 0.1 * last ** 2 + 0.85 * variance;
    return (last = Math.sqrt(variance) * normal());
  });
}
