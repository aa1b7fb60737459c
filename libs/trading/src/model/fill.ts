import type { Decimal } from './decimal.js';

export type Side = 'buy' | 'sell';

/** One execution as a broker reported it. Where several share an instant, their order in the array is their order in time. */
export interface Fill {
  /** Our id. */
  id: string;
  userId: string;
  /** Adapter name, e.g. 'alpaca'. */
  broker: string;
  /** The broker's id; (userId, broker, extId) is unique. */
  extId: string;
  symbol: string;
  side: Side;
  /** Units (shares, coins), always positive. */
  quantity: Decimal;
  /** Per unit, in the trade's currency. */
  price: Decimal;
  /** Positive when paid, negative for a rebate, in `feeCurrency`. */
  fee: Decimal;
  feeCurrency: string;
  at: Date;
}
