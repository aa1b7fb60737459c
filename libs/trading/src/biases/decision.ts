import type { SymbolSeries } from '../indicators/symbol-series.js';
import type { Direction } from '../lots/round-trip.js';
import type { HeldDays } from './held-days.js';

/** What entries and exits have in common. Numbers, not decimals: decisions feed statistics, never an account. */
interface Decision {
  /** First fill of the decision; partial fills that follow within a minute belong to it. */
  fillId: string;
  symbol: string;
  direction: Direction;
  at: Date;
  /** Session date in the market's zone. */
  date: string;
  quantity: number;
  /** Volume-weighted, per unit. */
  price: number;
  /** Null without bars for the symbol. */
  series: SymbolSeries | null;
  /** Index of the last complete bar before the decision (t − 1); −1 without one. Features at entry read bars 0…lastBar only. */
  lastBar: number;
}

/** Opening a position, or adding to one. */
export interface Entry extends Decision {
  kind: 'open' | 'add';
  notional: number;
  /** Average cost per unit before this entry, fees in; null when it opens the position. */
  averageCost: number | null;
  /** Session date the position was opened on. */
  openedOn: string;
  /** For adds to a long: the user's held days over all symbols, up to the last complete bar before this entry. */
  heldDays: HeldDays | null;
}

/** Closing a position, or reducing it. */
export interface Exit extends Decision {
  /** Fill that opened the position. */
  positionId: string;
  /** Average cost per unit, fees in. */
  averageCost: number;
  /** Net profit of the round trips it closed, by the method they were matched with. */
  pnl: number;
  /** Quantity-weighted means over those round trips. */
  entryPrice: number;
  heldMilliseconds: number;
  /** Bars from the mean entry to the exit. */
  heldBars: number;
}
