import { type Decimal, ZERO } from '../model/decimal.js';
import { feeInTradeCurrency } from '../model/fee.js';
import type { Fill } from '../model/fill.js';
import { sessionDate } from '../model/session-date.js';
import type { Split } from '../model/split.js';
import { Position } from './position.js';
import { type LotMethod, type OpenLot, type RoundTrip, roundTripId } from './round-trip.js';

export interface LotMatching {
  method?: LotMethod;
  /** Lots open before the first fill; without them a window's realised profit is wrong. */
  openingLots?: readonly OpenLot[];
  /** Only for fills in raw units; fills restated by `adjustFillsForSplits` need none. */
  splits?: readonly Split[];
  /** Zone of split dates. */
  marketZone?: string;
}

export interface MatchedLots {
  /** In the order of their exits. */
  roundTrips: RoundTrip[];
  openLots: OpenLot[];
}

/** Time order; fills of the same instant keep the order of the array (a partial fill, a file with dates only). */
export function inTimeOrder(fills: readonly Fill[]): Fill[] {
  return [...fills].sort((a, b) => a.at.getTime() - b.at.getTime());
}

/**
 * Matches fills into round trips. Longs and shorts, partial fills, flips through zero (one fill closes the old position and opens the new
 * one, its fee prorated), and splits of open lots. Positions are kept per (user, symbol).
 */
export function matchLots(fills: readonly Fill[], options: LotMatching = {}): MatchedLots {
  const { method = 'fifo', openingLots = [], splits = [], marketZone = 'America/New_York' } = options;
  const positions = new Map<string, Position>();
  const positionOf = (userId: string, symbol: string): Position => {
    const key = `${userId}\u0000${symbol}`;
    let position = positions.get(key);
    if (position === undefined) positions.set(key, (position = new Position()));
    return position;
  };
  for (const lot of openingLots) positionOf(lot.userId, lot.symbol).add({ ...lot });

  const due = [...splits].sort((a, b) => (a.date < b.date ? -1 : 1));
  const applySplits = (until: string): void => {
    while (due.length > 0 && due[0]!.date <= until) {
      const split = due.shift()!;
      for (const position of positions.values()) {
        if (position.lots[0]?.symbol === split.symbol) position.split(split.ratio);
      }
    }
  };

  const roundTrips: RoundTrip[] = [];
  for (const fill of inTimeOrder(fills)) {
    if (due.length > 0) applySplits(sessionDate(fill.at, marketZone));
    applyFill(positionOf(fill.userId, fill.symbol), fill, method, roundTrips);
  }
  return { roundTrips, openLots: [...positions.values()].flatMap((position) => position.lots) };
}

function applyFill(position: Position, fill: Fill, method: LotMethod, roundTrips: RoundTrip[]): void {
  const closes = fill.side === 'sell' ? 'long' : 'short';
  const fee = feeInTradeCurrency(fill).cost;
  let quantity = fill.quantity;
  let feeLeft = fee;
  for (let sequence = 0; position.direction === closes && quantity.gt(ZERO); sequence++) {
    const slice = position.take(quantity)!;
    quantity = quantity.minus(slice.quantity);
    const exitCost = quantity.isZero() ? feeLeft : prorate(fee, slice.quantity, fill.quantity);
    feeLeft = feeLeft.minus(exitCost);
    roundTrips.push(roundTrip(slice, fill, exitCost, method, sequence));
  }
  if (quantity.lte(ZERO)) return;
  const lot: OpenLot = {
    userId: fill.userId,
    symbol: fill.symbol,
    direction: fill.side === 'buy' ? 'long' : 'short',
    entryFillId: fill.id,
    entryAt: fill.at,
    quantity,
    price: fill.price,
    cost: feeLeft,
  };
  if (method === 'average') position.pool(lot);
  else position.add(lot);
}

function prorate(amount: Decimal, part: Decimal, whole: Decimal): Decimal {
  return amount.isZero() ? ZERO : amount.times(part).div(whole);
}

function roundTrip(
  slice: { lot: OpenLot; quantity: Decimal; cost: Decimal },
  exit: Fill,
  exitCost: Decimal,
  method: LotMethod,
  sequence: number,
): RoundTrip {
  const { lot, quantity, cost: entryCost } = slice;
  const move = lot.direction === 'long' ? exit.price.minus(lot.price) : lot.price.minus(exit.price);
  return {
    id: roundTripId(method, lot.entryFillId, exit.id, sequence),
    userId: lot.userId,
    symbol: lot.symbol,
    direction: lot.direction,
    method,
    entryFillId: lot.entryFillId,
    exitFillId: exit.id,
    entryAt: lot.entryAt,
    exitAt: exit.at,
    quantity,
    entryPrice: lot.price,
    exitPrice: exit.price,
    entryCost,
    exitCost,
    pnl: move.times(quantity).minus(entryCost).minus(exitCost),
  };
}
