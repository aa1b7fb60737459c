import { type Decimal, ZERO } from '../model/decimal.js';

export interface Drawdown {
  /** Largest fall from a peak, in money. */
  amount: Decimal;
  /** The same as a share of the peak equity, 0…1; null when the starting equity is unknown (a share of profits alone means nothing). */
  share: number | null;
}

/** Maximum drawdown of the equity after each profit: max(1 − E / cummax E). The share's maximum may fall on another day than the amount's. */
export function maxDrawdown(profits: readonly Decimal[], startingEquity: Decimal | null = null): Drawdown {
  let equity = startingEquity ?? ZERO;
  let peak = equity;
  let amount = ZERO;
  let share = 0;
  for (const profit of profits) {
    equity = equity.plus(profit);
    if (equity.gt(peak)) peak = equity;
    const fall = peak.minus(equity);
    if (fall.gt(amount)) amount = fall;
    if (peak.gt(0)) share = Math.max(share, fall.div(peak).toNumber());
  }
  return { amount, share: startingEquity === null ? null : share };
}
