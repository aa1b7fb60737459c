import type { TradeTag } from './bias-tag.js';
import type { Entry } from './decision.js';

const PRICE = 5;
const JUMP = 0.15;
const MOST = 0.6;

/**
 * A proxy for lottery-like choices: a price below 5 and a largest daily return of the last 21 bars of at least 15 % (the MAX effect of Bali,
 * Cakici & Whitelaw 2011). It describes the symbol, not the decision, so nothing calibrates it: the confidence never exceeds 0.6 and the
 * label stays out of every count of findings beyond chance.
 */
export function lottery(entry: Entry): TradeTag | null {
  const { series, lastBar: t } = entry;
  if (series === null || t < 0 || entry.direction !== 'long' || entry.price >= PRICE) return null;
  const jump = series.maxReturn21[t]!;
  if (!(jump >= JUMP)) return null;
  return {
    label: 'lottery',
    symbol: entry.symbol,
    fillId: entry.fillId,
    at: entry.at,
    confidence: MOST * Math.min(1, jump / (2 * JUMP)),
    features: { price: entry.price, maxReturn21: jump, barDate: series.bars[t]!.date },
    method: 'proxy: price < 5 and largest daily return of 21 bars ≥ 15 %; not calibrated',
    n: 21,
    baseline: null,
    insight: `${entry.symbol} was below ${PRICE} and had jumped ${Math.round(jump * 100)} % in one of the last 21 days. That is consistent with a trade for a small chance of a large gain; a fixed, small budget for such trades keeps them what they are meant to be.`,
  };
}
