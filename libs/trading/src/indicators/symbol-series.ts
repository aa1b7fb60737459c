import type { Bar } from '../model/bar.js';
import { type Aligned, atr, highestHigh, relativeVolume, rsi, sma, trailingReturn } from './aligned-indicators.js';

/** A symbol's bars with everything the scoring reads from them, one typed array per column; NaN stands for null. */
export interface SymbolSeries {
  bars: readonly Bar[];
  /** Bar index by session date. */
  indexByDate: ReadonlyMap<string, number>;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  atr14: Float64Array;
  rsi14: Float64Array;
  sma20: Float64Array;
  return5: Float64Array;
  relativeVolume20: Float64Array;
  high252: Float64Array;
  /** (close − SMA20 of the bar before) / ATR14 of the bar before: how stretched each day closed, by the definition used for a fill. */
  stretch: Float64Array;
  /** Largest close-to-close return of the last 21 bars. */
  maxReturn21: Float64Array;
}

/** Bars are immutable and shared by every user of a batch, so their series is worked out once per array. */
const cache = new WeakMap<readonly Bar[], SymbolSeries>();

/**
 * @param bars one symbol's daily bars, sorted by date, none twice; never changed afterwards
 * Typed arrays because the hot loops read a million values a second from them and box nothing.
 */
export function symbolSeries(bars: readonly Bar[]): SymbolSeries {
  const known = cache.get(bars);
  if (known !== undefined) return known;
  const atr14 = column(atr(bars));
  const sma20 = column(sma(bars));
  const close = Float64Array.from(bars, (bar) => bar.close);
  const series: SymbolSeries = {
    bars,
    indexByDate: new Map(bars.map((bar, t) => [bar.date, t])),
    open: Float64Array.from(bars, (bar) => bar.open),
    high: Float64Array.from(bars, (bar) => bar.high),
    low: Float64Array.from(bars, (bar) => bar.low),
    close,
    atr14,
    rsi14: column(rsi(bars)),
    sma20,
    return5: column(trailingReturn(bars)),
    relativeVolume20: column(relativeVolume(bars)),
    high252: column(highestHigh(bars)),
    stretch: close.map((value, t) => (t === 0 ? NaN : (value - sma20[t - 1]!) / atr14[t - 1]!)),
    maxReturn21: maxReturn(close, 21),
  };
  cache.set(bars, series);
  return series;
}

function column(values: Aligned): Float64Array {
  return Float64Array.from(values, (value) => value ?? NaN);
}

function maxReturn(close: Float64Array, period: number): Float64Array {
  return close.map((_, t) => {
    if (t < period) return NaN;
    let best = -Infinity;
    for (let i = t - period + 1; i <= t; i++) best = Math.max(best, close[i]! / close[i - 1]! - 1);
    return best;
  });
}

/**
 * Empirical percentile of `value` among the last `window` finite values of `column` up to index `last`: the share of them ≤ value, with
 * one added to the count (so it stays below 1). Null with fewer than `minimum` of them.
 */
export function trailingPercentile(
  column: Float64Array,
  last: number,
  value: number,
  window = 252,
  minimum = 100,
): number | null {
  let count = 0;
  let below = 0;
  for (let t = last; t >= 0 && t > last - window; t--) {
    const other = column[t]!;
    if (Number.isNaN(other)) continue;
    count += 1;
    if (other <= value) below += 1;
  }
  return count < minimum ? null : below / (count + 1);
}
