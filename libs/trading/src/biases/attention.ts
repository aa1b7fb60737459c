import { trailingPercentile } from '../indicators/symbol-series.js';
import { LEVEL, type TradeTag } from './bias-tag.js';
import type { Entry } from './decision.js';

/**
 * Volume that is high for any symbol. The percentile alone fires on slightly more than 5 % of random entries where volume grows over the years,
 * and it would call a calm symbol's small changes high.
 */
const MINIMUM_RELATIVE_VOLUME = 1.75;

/**
 * Opening a position the day after unusually high volume: volume over its 20-day average at or above the symbol's own 95th percentile.
 * It says what drew the eye of many, not why this trade was made.
 */
export function attention(entry: Entry): TradeTag | null {
  const { series, lastBar: t } = entry;
  if (series === null || t < 1 || entry.kind !== 'open') return null;
  const relativeVolume = series.relativeVolume20[t]!;
  if (!(relativeVolume >= MINIMUM_RELATIVE_VOLUME)) return null;
  // Ranked among the bars before it, or it would always count itself.
  const confidence = trailingPercentile(series.relativeVolume20, t - 1, relativeVolume);
  if (confidence === null || confidence < 1 - LEVEL) return null;
  return {
    label: 'attention',
    symbol: entry.symbol,
    fillId: entry.fillId,
    at: entry.at,
    confidence,
    features: { relativeVolume20: relativeVolume, return5: series.return5[t]!, barDate: series.bars[t]!.date },
    method: "empirical percentile of volume/SMA20(volume) among the symbol's last 252 sessions",
    n: Math.min(252, t),
    baseline: LEVEL,
    insight: `The day before this entry ${entry.symbol} traded ${relativeVolume.toFixed(1)} times its usual volume. That is consistent with a trade that attention brought up; it may still have been a good one.`,
  };
}
