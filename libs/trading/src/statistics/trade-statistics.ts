import type { RoundTrip } from '../lots/round-trip.js';
import { Decimal, ZERO } from '../model/decimal.js';

/** Money as Decimal in the trades' currency; shares 0…1; null where a figure has no meaning (a ratio over nothing). */
export interface TradeStatistics {
  trades: number;
  wins: number;
  losses: number;
  breakEven: number;
  /** Wins over all trades. */
  winRate: number | null;
  /** Wins over wins and losses. */
  winRateWithoutBreakEven: number | null;
  netPnl: Decimal;
  grossProfit: Decimal;
  /** ≤ 0. */
  grossLoss: Decimal;
  /** Gross profit over |gross loss|; null without a loss. */
  profitFactor: number | null;
  /** Mean profit of a trade. */
  expectancy: Decimal | null;
  averageWin: Decimal | null;
  /** ≤ 0. */
  averageLoss: Decimal | null;
  largestWin: Decimal | null;
  largestLoss: Decimal | null;
  fees: Decimal;
  meanHoldingHours: number | null;
  meanHoldingHoursOfWins: number | null;
  meanHoldingHoursOfLosses: number | null;
}

type Closed = Pick<RoundTrip, 'pnl' | 'entryCost' | 'exitCost' | 'entryAt' | 'exitAt'>;

/** Statistics of closed round trips, in any order. The profit is net of fees. */
export function tradeStatistics(trips: readonly Closed[]): TradeStatistics {
  const wins = trips.filter((trip) => trip.pnl.gt(0));
  const losses = trips.filter((trip) => trip.pnl.lt(0));
  const grossProfit = total(wins);
  const grossLoss = total(losses);
  const netPnl = grossProfit.plus(grossLoss);
  const pnls = trips.map((trip) => trip.pnl);
  return {
    trades: trips.length,
    wins: wins.length,
    losses: losses.length,
    breakEven: trips.length - wins.length - losses.length,
    winRate: share(wins.length, trips.length),
    winRateWithoutBreakEven: share(wins.length, wins.length + losses.length),
    netPnl,
    grossProfit,
    grossLoss,
    profitFactor: losses.length === 0 ? null : grossProfit.div(grossLoss.abs()).toNumber(),
    expectancy: perTrade(netPnl, trips.length),
    averageWin: perTrade(grossProfit, wins.length),
    averageLoss: perTrade(grossLoss, losses.length),
    largestWin: wins.length === 0 ? null : Decimal.max(...pnls),
    largestLoss: losses.length === 0 ? null : Decimal.min(...pnls),
    fees: trips.reduce((sum, trip) => sum.plus(trip.entryCost).plus(trip.exitCost), ZERO),
    meanHoldingHours: meanHours(trips),
    meanHoldingHoursOfWins: meanHours(wins),
    meanHoldingHoursOfLosses: meanHours(losses),
  };
}

/** Profit in units of what was risked: pnl / |entry − stop| · quantity. Null without a stop. */
export function rMultiple(
  trip: Pick<RoundTrip, 'pnl' | 'entryPrice' | 'quantity'>,
  stop: Decimal | null,
): number | null {
  if (stop === null) return null;
  const risk = trip.entryPrice.minus(stop).abs().times(trip.quantity);
  return risk.isZero() ? null : trip.pnl.div(risk).toNumber();
}

function total(trips: readonly Closed[]): Decimal {
  return trips.reduce((sum, trip) => sum.plus(trip.pnl), ZERO);
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function perTrade(sum: Decimal, count: number): Decimal | null {
  return count === 0 ? null : sum.div(count);
}

function meanHours(trips: readonly Closed[]): number | null {
  if (trips.length === 0) return null;
  const milliseconds = trips.reduce((sum, trip) => sum + (trip.exitAt.getTime() - trip.entryAt.getTime()), 0);
  return milliseconds / trips.length / 3_600_000;
}
