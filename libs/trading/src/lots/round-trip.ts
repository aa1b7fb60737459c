import { parse, v5 } from 'uuid';
import type { Decimal } from '../model/decimal.js';

export type Direction = 'long' | 'short';
/** How an exit chooses its entry: the oldest lot first, or one pool at the average price. The two give different profits. */
export type LotMethod = 'fifo' | 'average';

/** What is left of one entry. A position is a queue of these, all of one direction. */
export interface OpenLot {
  userId: string;
  symbol: string;
  direction: Direction;
  /** With the average method: the fill that opened the position. */
  entryFillId: string;
  entryAt: Date;
  /** Units still open, after splits; positive for shorts too. */
  quantity: Decimal;
  /** Per unit, after splits. */
  price: Decimal;
  /** Entry fees not yet charged to an exit, in the trade's currency. */
  cost: Decimal;
}

/** An entry lot matched with (part of) an exit. Money in the trade's currency. */
export interface RoundTrip {
  /** Stable: the same fills give the same id, whatever window they were matched in. */
  id: string;
  userId: string;
  symbol: string;
  direction: Direction;
  method: LotMethod;
  entryFillId: string;
  exitFillId: string;
  entryAt: Date;
  exitAt: Date;
  quantity: Decimal;
  entryPrice: Decimal;
  exitPrice: Decimal;
  /** Entry and exit fees, prorated by quantity. */
  entryCost: Decimal;
  exitCost: Decimal;
  /** Net of both costs. */
  pnl: Decimal;
}

/** Parsed once: ids are made by the ten thousand. */
const NAMESPACE = parse('6f1c1d0e-9a43-5f0b-8a55-3f1f6b7d2c11');

/** @param sequence which slice of the exit this is, from 0 */
export function roundTripId(method: LotMethod, entryFillId: string, exitFillId: string, sequence: number): string {
  return v5(`${method}|${entryFillId}|${exitFillId}|${sequence}`, NAMESPACE);
}
