import type { SymbolSeries } from '../indicators/symbol-series.js';
import { LEVEL, type TradeTag } from './bias-tag.js';
import type { Exit } from './decision.js';

const CAPTURE = 0.4;
const MINIMUM_BARS = 100;

/** How far the price went in the trade's favour within the horizon after every bar, in ATR14: the symbol's own habit. Sorted. */
const habits = new WeakMap<SymbolSeries, Map<string, Float64Array>>();

function habit(series: SymbolSeries, sign: 1 | -1, horizon: number): Float64Array {
  let known = habits.get(series);
  if (known === undefined) habits.set(series, (known = new Map()));
  const key = `${sign}/${horizon}`;
  let values = known.get(key);
  if (values === undefined) {
    const all: number[] = [];
    for (let d = 1; d + horizon < series.close.length; d++) {
      const moved = (sign * (bestAfter(series, d, horizon, sign) - series.close[d]!)) / series.atr14[d - 1]!;
      if (Number.isFinite(moved)) all.push(moved);
    }
    values = Float64Array.from(all).sort();
    known.set(key, values);
  }
  return values;
}

function bestAfter(series: SymbolSeries, bar: number, horizon: number, sign: 1 | -1): number {
  let best = sign > 0 ? -Infinity : Infinity;
  for (let d = bar + 1; d <= bar + horizon; d++) {
    best = sign > 0 ? Math.max(best, series.high[d]!) : Math.min(best, series.low[d]!);
  }
  return best;
}

/**
 * A winner closed before most of its move: capture = realised / best over [entry, exit + H] < 0.4 and missed_R = (best after the exit − exit) /
 * ATR14 > 1. This is hindsight and says so; it is worked out only once all H bars are there.
 *
 * The bare rule fires on a third of random exits, for within some weeks any price goes an average range somewhere. So missed_R also has to be
 * in the top 5 % of what this symbol does within H bars of any of its days, and that percentile is the confidence.
 */
export function earlyExit(exit: Exit, horizon: number): TradeTag | null {
  const { series, lastBar, price, entryPrice } = exit;
  if (series === null || exit.pnl <= 0) return null;
  const bar = series.indexByDate.get(exit.date);
  if (bar === undefined || bar + horizon >= series.close.length || lastBar < 0) return null;
  const range = series.atr14[lastBar]!;
  const sign = exit.direction === 'long' ? 1 : -1;
  const best = bestAfter(series, bar, horizon, sign);
  const missed = (sign * (best - price)) / range;
  // The best of the whole span is the best after the exit whenever capture is below 0.4, unless the price had been there before.
  const before = bestAfter(series, Math.max(-1, bar - exit.heldBars), Math.min(bar, exit.heldBars), sign);
  const top = sign > 0 ? Math.max(best, before) : Math.min(best, before);
  const capture = (price - entryPrice) / (top - entryPrice);
  if (!(missed > 1) || !(capture < CAPTURE)) return null;
  const usual = habit(series, sign, horizon);
  if (usual.length < MINIMUM_BARS) return null;
  const confidence = rank(usual, missed) / (usual.length + 1);
  if (confidence < 1 - LEVEL) return null;
  return {
    label: 'early_exit',
    symbol: exit.symbol,
    fillId: exit.fillId,
    at: exit.at,
    confidence,
    features: { capture, missedR: missed, best: top, horizonBars: horizon, atr14: range, hindsight: true },
    method: `empirical percentile of the move in the ${horizon} bars after the exit among all of the symbol's days; hindsight`,
    n: usual.length,
    baseline: LEVEL,
    insight: `Seen in hindsight, ${exit.symbol} went another ${missed.toFixed(1)} average ranges your way within ${horizon} days of this exit, which took ${Math.round(capture * 100)} % of the move. Nobody could know that then. It is consistent with taking profits early; selling in two parts is one way to stay in for the rest.`,
  };
}

/** How many of the sorted values are ≤ value. */
function rank(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
