import { Decimal, ZERO } from '../model/decimal.js';
import type { Direction, OpenLot } from './round-trip.js';

/** One user's open lots of one symbol, oldest first. Mutable: it belongs to one run of the matcher. */
export class Position {
  readonly lots: OpenLot[];

  constructor(lots: readonly OpenLot[] = []) {
    this.lots = lots.map((lot) => ({ ...lot }));
  }

  get direction(): Direction | null {
    return this.lots[0]?.direction ?? null;
  }

  add(lot: OpenLot): void {
    this.lots.push(lot);
  }

  /** Average method: merges a further entry into the one pool. The pool keeps the first entry's id and time. */
  pool(lot: OpenLot): void {
    const pool = this.lots[0];
    if (pool === undefined) {
      this.lots.push(lot);
      return;
    }
    const quantity = pool.quantity.plus(lot.quantity);
    pool.price = pool.price.times(pool.quantity).plus(lot.price.times(lot.quantity)).div(quantity);
    pool.quantity = quantity;
    pool.cost = pool.cost.plus(lot.cost);
  }

  /** Takes up to `wanted` units off the oldest lot with their share of its cost; the last slice takes what is left of it, exactly. */
  take(wanted: Decimal): { lot: OpenLot; quantity: Decimal; cost: Decimal } | null {
    const lot = this.lots[0];
    if (lot === undefined) return null;
    if (lot.quantity.lte(wanted)) {
      this.lots.shift();
      return { lot, quantity: lot.quantity, cost: lot.cost };
    }
    const cost = lot.cost.isZero() ? ZERO : lot.cost.times(wanted).div(lot.quantity);
    lot.quantity = lot.quantity.minus(wanted);
    lot.cost = lot.cost.minus(cost);
    return { lot, quantity: wanted, cost };
  }

  split(ratio: Decimal): void {
    for (const lot of this.lots) {
      lot.quantity = lot.quantity.times(ratio);
      lot.price = lot.price.div(ratio);
    }
  }
}
