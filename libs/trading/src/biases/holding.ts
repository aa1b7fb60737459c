import type { SymbolSeries } from '../indicators/symbol-series.js';
import type { Direction, OpenLot, RoundTrip } from '../lots/round-trip.js';
import type { Fill } from '../model/fill.js';
import type { Entry, Exit } from './decision.js';
import type { HeldDays } from './held-days.js';

/** Quantities are sums of floats here; less than this share of a fill is nothing. */
const DUST = 1e-9;

/** An add counts as one to a loser below average cost − 0.5 ATR14, and so does a day's close. */
export const BELOW_COST_IN_ATR = 0.5;

/** A round trip with the last complete bar before its entry. */
export interface ClosedLot {
  trip: RoundTrip;
  entryBar: number;
}

/** A user's position in one symbol at average cost, in numbers, for statistics; the account's truth is the lot matcher's. */
export class Holding {
  /** Negative for a short. */
  private units = 0;
  /** Per unit, fees in (a short's proceeds per unit, fees off). */
  averageCost = 0;
  private openedOn = '';
  private positionId = '';
  /** Last bar that is in the count of held days. */
  private counted = -1;

  constructor(
    readonly symbol: string,
    readonly series: SymbolSeries | null,
  ) {}

  get direction(): Direction | null {
    return this.units === 0 ? null : this.units > 0 ? 'long' : 'short';
  }

  /** Counts the days held up to bar `last`; call it before the position changes. */
  countDays(last: number, into: HeldDays): void {
    const { series } = this;
    if (this.units > 0 && series !== null) {
      for (let d = this.counted + 1; d <= last; d++) {
        const range = series.atr14[d - 1];
        if (range === undefined || Number.isNaN(range)) continue;
        into.all += 1;
        if (series.close[d]! < this.averageCost - BELOW_COST_IN_ATR * range) into.belowCost += 1;
      }
    }
    this.counted = Math.max(this.counted, last);
  }

  carryOver(lot: OpenLot, date: string): void {
    const sign = lot.direction === 'long' ? 1 : -1;
    this.grow(sign * lot.quantity.toNumber(), lot.price.toNumber(), lot.cost.toNumber(), date, lot.entryFillId);
  }

  /** Applies a fill: an exit, an entry, or for a flip through zero both. */
  apply(
    fill: Fill,
    fee: number,
    when: { at: Date; date: string; lastBar: number },
    closed: readonly ClosedLot[],
  ): { exit: Exit | null; entry: Entry | null } {
    const quantity = fill.quantity.toNumber();
    const price = fill.price.toNumber();
    const sign = fill.side === 'buy' ? 1 : -1;
    const { symbol, series } = this;
    const { at, date, lastBar } = when;
    let left = quantity;
    let exit: Exit | null = null;
    const direction = this.direction;
    if (direction !== null && Math.sign(this.units) !== sign) {
      const taken = Math.min(quantity, Math.abs(this.units));
      const { pnl, entryPrice, heldMilliseconds, heldBars } = outcome(closed, price, when);
      // Written out: a spread per decision is what the profile of the scoring showed first.
      exit = {
        fillId: fill.id,
        symbol,
        direction,
        at,
        date,
        quantity: taken,
        price,
        series,
        lastBar,
        positionId: this.positionId,
        averageCost: this.averageCost,
        pnl,
        entryPrice,
        heldMilliseconds,
        heldBars,
      };
      left -= taken;
      this.units += sign * taken;
      if (Math.abs(this.units) <= quantity * DUST) this.units = 0;
    }
    if (left <= quantity * DUST) return { exit, entry: null };
    const opens = this.units === 0;
    const entry: Entry = {
      fillId: fill.id,
      symbol,
      direction: sign > 0 ? 'long' : 'short',
      at,
      date,
      quantity: left,
      price,
      series,
      lastBar,
      kind: opens ? 'open' : 'add',
      notional: left * price,
      averageCost: opens ? null : this.averageCost,
      openedOn: opens ? date : this.openedOn,
      heldDays: null,
    };
    this.grow(sign * left, price, (fee * left) / quantity, when.date, fill.id);
    return { exit, entry };
  }

  private grow(units: number, price: number, fee: number, date: string, fillId: string): void {
    if (this.units === 0) {
      this.averageCost = 0;
      this.openedOn = date;
      this.positionId = fillId;
    }
    const value = this.averageCost * this.units + price * units + fee;
    this.units += units;
    this.averageCost = value / this.units;
  }
}

function outcome(
  closed: readonly ClosedLot[],
  price: number,
  { at, lastBar }: { at: Date; lastBar: number },
): Pick<Exit, 'pnl' | 'entryPrice' | 'heldMilliseconds' | 'heldBars'> {
  let [pnl, units, cost, held, bars] = [0, 0, 0, 0, 0];
  for (const { trip, entryBar } of closed) {
    const quantity = trip.quantity.toNumber();
    pnl += trip.pnl.toNumber();
    units += quantity;
    cost += quantity * trip.entryPrice.toNumber();
    bars += quantity * (lastBar - entryBar);
    held += quantity * (at.getTime() - trip.entryAt.getTime());
  }
  return {
    pnl,
    entryPrice: units === 0 ? price : cost / units,
    heldMilliseconds: units === 0 ? 0 : held / units,
    heldBars: units === 0 ? 0 : Math.round(bars / units),
  };
}
