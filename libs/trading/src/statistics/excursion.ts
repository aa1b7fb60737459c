import { symbolSeries } from '../indicators/symbol-series.js';
import type { RoundTrip } from '../lots/round-trip.js';
import type { Bar } from '../model/bar.js';
import { sessionDate } from '../model/session-date.js';

export interface Excursion {
  /** Maximum adverse excursion: the furthest the price went against the trade, per unit, ≥ 0. */
  mae: number;
  /** Maximum favourable excursion, per unit, ≥ 0. */
  mfe: number;
  /** Daily bars do not tell what happened before the entry and after the exit on their days. */
  approximate: true;
  days: number;
}

/**
 * MAE and MFE on daily bars from the day after the entry to the day of the exit.
 *
 * @param bars in the units of the trip's prices
 * @returns null for a trade within one day, or without bars
 */
export function excursion(
  trip: Pick<RoundTrip, 'direction' | 'entryPrice' | 'entryAt' | 'exitAt'>,
  bars: readonly Bar[],
  marketZone = 'America/New_York',
): Excursion | null {
  const { indexByDate, high, low } = symbolSeries(bars);
  const entry = indexByDate.get(sessionDate(trip.entryAt, marketZone));
  const exit = indexByDate.get(sessionDate(trip.exitAt, marketZone));
  if (entry === undefined || exit === undefined || exit <= entry) return null;
  const highest = Math.max(...high.subarray(entry + 1, exit + 1));
  const lowest = Math.min(...low.subarray(entry + 1, exit + 1));
  const price = trip.entryPrice.toNumber();
  const [up, down] = [Math.max(highest - price, 0), Math.max(price - lowest, 0)];
  const [mfe, mae] = trip.direction === 'long' ? [up, down] : [down, up];
  return { mae, mfe, approximate: true, days: exit - entry };
}
