import { DateTime } from 'luxon';
import type { BiasTag, WindowFinding } from '../biases/bias-tag.js';
import type { RoundTrip } from '../lots/round-trip.js';
import type { Bar } from '../model/bar.js';
import { Decimal, ZERO } from '../model/decimal.js';
import { feeInTradeCurrency } from '../model/fee.js';
import type { Fill } from '../model/fill.js';
import { sessionDate } from '../model/session-date.js';
import type { WhatIf } from '../simulation/what-if.js';
import { maxDrawdown } from '../statistics/drawdown.js';
import { excursion } from '../statistics/excursion.js';
import { type DaysPerYear, sharpeRatio, sortinoRatio } from '../statistics/risk-adjusted-return.js';
import { rMultiple, tradeStatistics } from '../statistics/trade-statistics.js';
import { datesOfWeek, type Week } from '../statistics/week.js';
import { alternativeInWords } from './alternative-in-words.js';
import type { DigestSnapshot, DigestStatistics, DigestTrade } from './digest-snapshot.js';

export interface DigestSources {
  userId: string;
  week: Week;
  /** Up to the week's end; earlier ones draw the equity curve. */
  roundTrips: readonly RoundTrip[];
  fills: readonly Fill[];
  tags: readonly BiasTag[];
  findings?: readonly WindowFinding[];
  simulations?: readonly WhatIf[];
  /** ISO 4217 code or asset the money is in. */
  currency?: string;
  /** For MAE and MFE. */
  barsBySymbol?: ReadonlyMap<string, readonly Bar[]>;
  /** Initial stop per unit, by round trip. */
  stops?: ReadonlyMap<string, Decimal>;
  /** At the start of the equity curve; null when unknown. */
  startingEquity?: Decimal | null;
  daysPerYear?: DaysPerYear;
  marketZone?: string;
}

const EQUITY_WEEKS = 13;
const MOST_TRADES = 50;
const MOST_EXAMPLES = 3;

/** The digest of one user's week as plain JSON. Trades belong to the week they were closed in. The same input gives the same snapshot. */
export function buildDigest(input: DigestSources): DigestSnapshot {
  const { week, tags, findings = [], simulations = [], currency = 'USD' } = input;
  const inWeek = (at: Date): boolean => at >= week.since && at < week.until;
  const trips = input.roundTrips
    .filter((trip) => inWeek(trip.exitAt))
    .sort((a, b) => b.exitAt.getTime() - a.exitAt.getTime());
  const fills = input.fills.filter((fill) => inWeek(fill.at));
  const weekTags = tags.filter((tag) => tag.scope === 'trade' && inWeek(tag.at));
  const tripIds = new Set(trips.map((trip) => trip.id));
  const equity = equityCurve(input);
  return {
    version: 1,
    userId: input.userId,
    period: { start: week.start, end: week.end, zone: week.zone },
    currency,
    statistics: statistics(input, trips, fills, equity),
    days: datesOfWeek(week).map((date) => {
      const closed = trips.filter((trip) => sessionDate(trip.exitAt, week.zone) === date);
      return { date, trades: closed.length, pnl: sum(closed).toFixed() };
    }),
    equity: { since: equity[0]!.date, days: equity.map(({ date, total }) => ({ date, total: total.toFixed() })) },
    symbols: bySymbol(trips),
    trades: trips.slice(0, MOST_TRADES).map((trip) => tradeRow(trip, weekTags, input)),
    findings: [...findings],
    tags: tagGroups(weekTags),
    whatIfs: simulations
      .filter((whatIf) => tripIds.has(whatIf.roundTripId))
      .map(({ roundTripId, symbol, pnlActual, best, partial }) => ({
        roundTripId,
        symbol,
        pnlActual: pnlActual.toFixed(),
        best: best && alternativeInWords(best),
        bestDeltaPnl: best && best.deltaPnl.toFixed(),
        partial,
      })),
    otherFees: otherFees(fills),
  };
}

type EquityDay = { date: string; profit: Decimal; total: Decimal };

/** One entry per calendar day of the user's zone, from 13 weeks before the week's end. */
function equityCurve({ roundTrips, week }: DigestSources): EquityDay[] {
  const first = DateTime.fromISO(week.end, { zone: 'utc' }).minus({ weeks: EQUITY_WEEKS });
  const profits = new Map<string, Decimal>();
  for (const trip of roundTrips) {
    if (trip.exitAt >= week.until) continue;
    const date = sessionDate(trip.exitAt, week.zone);
    profits.set(date, (profits.get(date) ?? ZERO).plus(trip.pnl));
  }
  let total = ZERO;
  return Array.from({ length: EQUITY_WEEKS * 7 }, (_, day) => {
    const date = first.plus({ days: day }).toISODate()!;
    const profit = profits.get(date) ?? ZERO;
    total = total.plus(profit);
    return { date, profit, total };
  });
}

function statistics(
  input: DigestSources,
  trips: readonly RoundTrip[],
  fills: readonly Fill[],
  equity: readonly EquityDay[],
): DigestStatistics {
  const { startingEquity = null, daysPerYear = 252, stops } = input;
  const all = tradeStatistics(trips);
  const drawdown = maxDrawdown(
    [...trips].reverse().map((trip) => trip.pnl),
    startingEquity,
  );
  const multiples = trips.map((trip) => rMultiple(trip, stops?.get(trip.id) ?? null)).filter((r) => r !== null);
  const returns = dailyReturns(equity, startingEquity, daysPerYear);
  return {
    ...all,
    netPnl: all.netPnl.toFixed(),
    grossProfit: all.grossProfit.toFixed(),
    grossLoss: all.grossLoss.toFixed(),
    expectancy: text(all.expectancy),
    averageWin: text(all.averageWin),
    averageLoss: text(all.averageLoss),
    largestWin: text(all.largestWin),
    largestLoss: text(all.largestLoss),
    fees: all.fees.toFixed(),
    feesPaid: fills.reduce((fees, fill) => fees.plus(feeInTradeCurrency(fill).cost), ZERO).toFixed(),
    maxDrawdown: { amount: drawdown.amount.toFixed(), share: drawdown.share },
    meanR: multiples.length === 0 ? null : multiples.reduce((total, r) => total + r, 0) / multiples.length,
    sharpe: returns && sharpeRatio(returns, daysPerYear),
    sortino: returns && sortinoRatio(returns, daysPerYear),
  };
}

/** Profit of each day over the equity it began with; weekends count for crypto only. Null without a known, positive equity. */
function dailyReturns(
  equity: readonly EquityDay[],
  startingEquity: Decimal | null,
  daysPerYear: DaysPerYear,
): number[] | null {
  if (startingEquity === null) return null;
  const returns: number[] = [];
  for (const { date, profit, total } of equity) {
    const before = startingEquity.plus(total).minus(profit);
    if (before.lte(0)) return null;
    const weekend = new Date(`${date}T00:00:00Z`).getUTCDay() % 6 === 0;
    if (daysPerYear === 365 || !weekend || !profit.isZero()) returns.push(profit.div(before).toNumber());
  }
  return returns;
}

function bySymbol(trips: readonly RoundTrip[]): DigestSnapshot['symbols'] {
  const groups = new Map<string, RoundTrip[]>();
  for (const trip of trips) groups.set(trip.symbol, [...(groups.get(trip.symbol) ?? []), trip]);
  return [...groups]
    .map(([symbol, of]) => ({ symbol, trades: of.length, pnl: sum(of) }))
    .sort((a, b) => b.pnl.cmp(a.pnl))
    .map((row) => ({ ...row, pnl: row.pnl.toFixed() }));
}

function tradeRow(
  trip: RoundTrip,
  tags: readonly BiasTag[],
  { barsBySymbol, stops, marketZone }: DigestSources,
): DigestTrade {
  const bars = barsBySymbol?.get(trip.symbol);
  const moved = bars ? excursion(trip, bars, marketZone) : null;
  const labels = tags
    .filter(({ fillId }) => fillId === trip.entryFillId || fillId === trip.exitFillId)
    .map((tag) => tag.label);
  return {
    roundTripId: trip.id,
    symbol: trip.symbol,
    direction: trip.direction,
    quantity: trip.quantity.toFixed(),
    entryAt: trip.entryAt.toISOString(),
    exitAt: trip.exitAt.toISOString(),
    entryPrice: trip.entryPrice.toFixed(),
    exitPrice: trip.exitPrice.toFixed(),
    pnl: trip.pnl.toFixed(),
    mae: moved?.mae ?? null,
    mfe: moved?.mfe ?? null,
    r: rMultiple(trip, stops?.get(trip.id) ?? null),
    labels: [...new Set(labels)],
  };
}

function tagGroups(tags: readonly BiasTag[]): DigestSnapshot['tags'] {
  const labels = [...new Set(tags.map((tag) => tag.label))];
  return labels
    .map((label) => {
      const of = tags.filter((tag) => tag.label === label).sort((a, b) => b.confidence - a.confidence);
      const examples = of
        .slice(0, MOST_EXAMPLES)
        .map(({ symbol, at, confidence, insight }) => ({ symbol, at: at.toISOString(), confidence, insight }));
      return { label, count: of.length, examples };
    })
    .sort((a, b) => b.count - a.count);
}

function otherFees(fills: readonly Fill[]): DigestSnapshot['otherFees'] {
  const sums = new Map<string, Decimal>();
  for (const fill of fills) {
    if (!feeInTradeCurrency(fill).unconverted) continue;
    sums.set(fill.feeCurrency, (sums.get(fill.feeCurrency) ?? ZERO).plus(fill.fee));
  }
  return [...sums].map(([currency, amount]) => ({ currency, amount: amount.toFixed() }));
}

function sum(trips: readonly RoundTrip[]): Decimal {
  return trips.reduce((total, trip) => total.plus(trip.pnl), ZERO);
}

function text(value: Decimal | null): string | null {
  return value && value.toFixed();
}
