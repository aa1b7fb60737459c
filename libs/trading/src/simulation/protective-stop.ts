import type { SymbolSeries } from '../indicators/symbol-series.js';
import type { Direction } from '../lots/round-trip.js';

export interface StopOrder {
  /** First and last bar (inclusive) the orders are in the market. */
  from: number;
  to: number;
  direction: Direction;
  stop: number;
  /** Null: no target. */
  target: number | null;
}

/**
 * Where a position with a stop (and a target) ends. A long's stop fills at min(open, stop), a short's at max(open, stop): a gap is not
 * forgiven. If one bar holds both stop and target, the stop is taken to come first, the worse case. A target that is gapped over fills at
 * the open. Neither: the close of the last bar.
 */
export function exitAtStop(
  { open, high, low, close }: SymbolSeries,
  { from, to, direction, stop, target }: StopOrder,
): { bar: number; price: number; reason: 'stop' | 'target' | 'horizon' } {
  const long = direction === 'long';
  for (let bar = from; bar <= to; bar++) {
    if (long ? low[bar]! <= stop : high[bar]! >= stop) {
      return { bar, price: long ? Math.min(open[bar]!, stop) : Math.max(open[bar]!, stop), reason: 'stop' };
    }
    if (target !== null && (long ? high[bar]! >= target : low[bar]! <= target)) {
      return { bar, price: long ? Math.max(open[bar]!, target) : Math.min(open[bar]!, target), reason: 'target' };
    }
  }
  return { bar: to, price: close[to]!, reason: 'horizon' };
}
