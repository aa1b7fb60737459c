import type { BiasLabel, WindowFinding } from '../biases/bias-tag.js';
import type { Direction } from '../lots/round-trip.js';

/** Money: decimal text in the digest's currency. Shares 0…1. Null where a figure has no meaning. */
export type Money = string;

export interface DigestStatistics {
  trades: number;
  wins: number;
  losses: number;
  breakEven: number;
  winRate: number | null;
  winRateWithoutBreakEven: number | null;
  netPnl: Money;
  grossProfit: Money;
  grossLoss: Money;
  profitFactor: number | null;
  expectancy: Money | null;
  averageWin: Money | null;
  averageLoss: Money | null;
  largestWin: Money | null;
  largestLoss: Money | null;
  /** Fees of the trades closed in the week, entries included. */
  fees: Money;
  /** Fees of every fill of the week. */
  feesPaid: Money;
  meanHoldingHours: number | null;
  meanHoldingHoursOfWins: number | null;
  meanHoldingHoursOfLosses: number | null;
  maxDrawdown: { amount: Money; share: number | null };
  /** Mean of pnl / initial risk over the trades with a known stop. */
  meanR: number | null;
  /** Over `equity.days`; null with fewer than 60 days or without a known equity. */
  sharpe: number | null;
  sortino: number | null;
}

export interface DigestTrade {
  roundTripId: string;
  symbol: string;
  direction: Direction;
  quantity: string;
  entryAt: string;
  exitAt: string;
  entryPrice: Money;
  exitPrice: Money;
  pnl: Money;
  /** Per unit, on daily bars, so approximate; null within one day or without bars. */
  mae: number | null;
  mfe: number | null;
  r: number | null;
  labels: BiasLabel[];
}

export interface DigestWhatIf {
  roundTripId: string;
  symbol: string;
  pnlActual: Money;
  /** In words, e.g. "held 7 days". */
  best: string | null;
  bestDeltaPnl: Money | null;
  partial: boolean;
}

/** Everything a digest shows, and nothing it would have to look up again. */
export interface DigestSnapshot {
  version: 1;
  userId: string;
  /** Half-open local week. */
  period: { start: string; end: string; zone: string };
  currency: string;
  statistics: DigestStatistics;
  /** The seven days of the week. */
  days: { date: string; trades: number; pnl: Money }[];
  /** Running profit by day over the weeks up to the end of this one; one entry per calendar day. */
  equity: { since: string; days: { date: string; total: Money }[] };
  symbols: { symbol: string; trades: number; pnl: Money }[];
  /** Newest first, 50 at most. */
  trades: DigestTrade[];
  findings: WindowFinding[];
  /** The week's trade tags by label. */
  tags: {
    label: BiasLabel;
    count: number;
    examples: { symbol: string | null; at: string; confidence: number; insight: string }[];
  }[];
  whatIfs: DigestWhatIf[];
  /** Fees in assets that could not be brought into the currency. */
  otherFees: { currency: string; amount: string }[];
}
