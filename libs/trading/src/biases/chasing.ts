import { trailingPercentile } from '../indicators/symbol-series.js';
import { LEVEL, type TradeTag } from './bias-tag.js';
import type { Entry } from './decision.js';

/**
 * Entering after a stretch in the trade's direction: dist = (fill − SMA20) / ATR14 at or above the symbol's own 95th percentile with RSI14 ≥ 70
 * (mirrored for shorts). The percentile ranks the fill among how the symbol's last 252 sessions closed against the averages of the day
 * before; a fixed "2 ATR" would fire on a quarter of an index fund's days. Features read bars before the fill only.
 */
export function chasing(entry: Entry): TradeTag | null {
  const { series, lastBar: t, price } = entry;
  if (series === null || t < 0) return null;
  const dist = (price - series.sma20[t]!) / series.atr14[t]!;
  const rsi = series.rsi14[t]!;
  const long = entry.direction === 'long';
  if (!(long ? rsi >= 70 && dist > 0 : rsi <= 30 && dist < 0)) return null;
  const below = trailingPercentile(series.stretch, t, dist);
  if (below === null) return null;
  const confidence = long ? below : 1 - below;
  if (confidence < 1 - LEVEL) return null;
  return {
    label: 'chasing',
    symbol: entry.symbol,
    fillId: entry.fillId,
    at: entry.at,
    confidence,
    features: {
      dist,
      rsi14: rsi,
      return5: series.return5[t]!,
      relativeVolume20: finite(series.relativeVolume20[t]!),
      sma20: series.sma20[t]!,
      atr14: series.atr14[t]!,
      barDate: series.bars[t]!.date,
    },
    method: "empirical percentile of (fill − SMA20)/ATR14 among the symbol's last 252 sessions, RSI14 beyond 70/30",
    n: Math.min(252, t + 1),
    baseline: LEVEL,
    insight: `This entry came ${Math.abs(dist).toFixed(1)} average ranges ${long ? 'above' : 'below'} the 20-day average, further than on ${Math.floor(confidence * 100)} % of this symbol's days. That is consistent with following a move that had already run. A price you would be glad to wait for can be set before the move.`,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
