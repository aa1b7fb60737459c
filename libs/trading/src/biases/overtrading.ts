import { negativeBinomialTail } from '../statistics/exact-tests.js';
import { median, medianAbsoluteDeviation } from '../statistics/quantiles.js';
import { LEVEL, type WindowTest } from './bias-tag.js';
import type { Entry, Exit } from './decision.js';

const MINIMUM_DAYS = 20;
const FEE_SHARE = 0.25;
const Z = 3;
/** Annual turnover of the average household (Barber & Odean 2000). */
const PUBLISHED_TURNOVER = 0.75;

export interface OvertradingInput {
  entries: readonly Entry[];
  exits: readonly Exit[];
  feesByDate: ReadonlyMap<string, number>;
  /** The window's sessions, days without a trade included. */
  sessions: readonly string[];
  /** Mean value of the portfolio in the window; null when equity is unknown, then only counts are judged. */
  meanPortfolioValue: number | null;
}

/**
 * Days with far more decisions than usual, (n − median)/(1.4826·MAD) > 3, whose fees ate more than 25 % of the gross |profit|.
 *
 * With few trades a day the MAD is often 0 or 1 and that rule alone would fire on some day of most quiet years. The p-value therefore asks
 * how likely the busiest such day is if days only scatter around the usual count (Poisson, or negative binomial where the MAD shows more
 * spread than that), and corrects for there being many days to choose from (Šidák).
 */
export function overtrading({
  entries,
  exits,
  feesByDate,
  sessions,
  meanPortfolioValue,
}: OvertradingInput): WindowTest {
  const days = new Map(sessions.map((date) => [date, { n: 0, gross: 0 }]));
  for (const { date } of entries) bump(days.get(date), 0);
  for (const { date, pnl } of exits) bump(days.get(date), Math.abs(pnl));
  const counts = [...days.values()].map((day) => day.n);
  const test = {
    label: 'overtrading',
    method: 'busiest costly day against the usual count (Poisson or negative binomial), Šidák over days',
    n: counts.length,
  } as const;
  const turnover = annualTurnover(entries, exits, sessions.length, meanPortfolioValue);
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (counts.length < MINIMUM_DAYS || total === 0) {
    return {
      ...test,
      pValue: null,
      features: { sessions: counts.length, decisions: total, annualTurnover: turnover },
      baseline: null,
      insight: `Needs ${MINIMUM_DAYS} sessions with trades among them; there were ${counts.length}.`,
    };
  }
  const centre = median(counts);
  const spread = 1.4826 * medianAbsoluteDeviation(counts);
  let busiest = { date: '', n: 0, pValue: 1 };
  let flaggedDays = 0;
  for (const [date, { n, gross }] of days) {
    if (!(n - centre > Z * Math.max(spread, 1)) || !((feesByDate.get(date) ?? 0) > FEE_SHARE * gross)) continue;
    flaggedDays += 1;
    const rate = (total - n) / (counts.length - 1);
    const pValue = 1 - (1 - negativeBinomialTail(n, rate, Math.max(rate, spread ** 2))) ** counts.length;
    if (pValue < busiest.pValue) busiest = { date, n, pValue };
  }
  return {
    ...test,
    pValue: busiest.pValue,
    flagged: flaggedDays > 0 && busiest.pValue <= LEVEL,
    features: {
      sessions: counts.length,
      medianDecisionsADay: centre,
      flaggedDays,
      busiestDay: busiest.date || null,
      decisionsOnBusiestDay: busiest.n,
      annualTurnover: turnover,
      publishedTurnover: PUBLISHED_TURNOVER,
    },
    baseline: total / counts.length,
    insight: `On ${busiest.date} you made ${busiest.n} decisions, against ${centre} on a usual day, and fees took more than a quarter of what moved. That is consistent with trading more than the day offered. A cap on trades a day, decided in the morning, is easy to keep.`,
  };
}

function bump(day: { n: number; gross: number } | undefined, gross: number): void {
  if (day === undefined) return;
  day.n += 1;
  day.gross += gross;
}

/** ½ (bought + sold) over the mean portfolio value, per year of 252 sessions; null when equity is unknown. */
function annualTurnover(
  entries: readonly Entry[],
  exits: readonly Exit[],
  sessions: number,
  value: number | null,
): number | null {
  if (value === null || value <= 0 || sessions === 0) return null;
  const traded = [...entries, ...exits].reduce((sum, decision) => sum + decision.quantity * decision.price, 0);
  return ((traded / 2 / value) * 252) / sessions;
}
