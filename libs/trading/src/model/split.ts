import type { Decimal } from './decimal.js';
import type { Fill } from './fill.js';
import { sessionDate } from './session-date.js';

/** New units for one old unit from the open of `date` on: 4 for a 4-for-1 split, 0.1 for a 1-for-10 reverse split. */
export interface Split {
  symbol: string;
  /** First session that trades at the new price, YYYY-MM-DD in the market's zone. */
  date: string;
  ratio: Decimal;
}

/**
 * Fills restated in the units after every split in `splits`, as split-adjusted bars (Yahoo's, for instance) need them: earlier quantities
 * times the ratio, prices over it. The value of a fill does not change. Fills without a later split are returned as they are.
 */
export function adjustFillsForSplits(
  fills: readonly Fill[],
  splits: readonly Split[],
  marketZone = 'America/New_York',
): Fill[] {
  if (splits.length === 0) return [...fills];
  return fills.map((fill) => {
    const date = sessionDate(fill.at, marketZone);
    const later = splits.filter((split) => split.symbol === fill.symbol && date < split.date);
    if (later.length === 0) return fill;
    const factor = later.slice(1).reduce((product, split) => product.times(split.ratio), later[0]!.ratio);
    return { ...fill, quantity: fill.quantity.times(factor), price: fill.price.div(factor) };
  });
}
