/** Trading days of a year: 252 for shares, 365 for crypto. */
export type DaysPerYear = 252 | 365;

/** Fewer daily returns than this say nothing about their spread. */
export const MINIMUM_DAYS = 60;

/**
 * Annualised Sharpe ratio √A · mean(r − rf) / sd(r), sd with n − 1.
 *
 * @param returns one per day, days without a trade included, as fractions
 * @param riskFree per day
 * @returns null with fewer than 60 days or without any spread
 */
export function sharpeRatio(returns: readonly number[], daysPerYear: DaysPerYear = 252, riskFree = 0): number | null {
  if (returns.length < MINIMUM_DAYS) return null;
  const mean = average(returns);
  const variance = returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (returns.length - 1);
  // A constant series has a variance of rounding errors only.
  return variance <= (mean * 1e-12) ** 2 ? null : (Math.sqrt(daysPerYear) * (mean - riskFree)) / Math.sqrt(variance);
}

/**
 * Annualised Sortino ratio √A · mean(r − T) / √mean(min(r − T, 0)²); the mean under the root is over all days, not the losing ones.
 *
 * @param target return per day that counts as no loss
 * @returns null with fewer than 60 days or without a day below the target
 */
export function sortinoRatio(returns: readonly number[], daysPerYear: DaysPerYear = 252, target = 0): number | null {
  if (returns.length < MINIMUM_DAYS) return null;
  const downside = Math.sqrt(average(returns.map((r) => Math.min(r - target, 0) ** 2)));
  return downside === 0 ? null : (Math.sqrt(daysPerYear) * (average(returns) - target)) / downside;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
