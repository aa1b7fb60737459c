/** How failed attempts of a kind are repeated. Times are milliseconds. */
export interface RetryPolicy {
  backoff: 'polynomial' | 'exponential' | 'fixed';
  /** Failures after which the job is dead. */
  maxAttempts: number;
  /** Exponential only: first delay. */
  initialMs: number;
  /** Exponential only. */
  multiplier: number;
  /** Upper bound of every delay. */
  capMs: number;
  /** Fixed only; the last delay repeats. */
  delaysMs: readonly number[];
}

/** Holds for every kind that does not say otherwise: about three weeks of retries. */
export const defaultRetryPolicy: RetryPolicy = {
  backoff: 'polynomial',
  maxAttempts: 25,
  initialMs: 1_000,
  multiplier: 2,
  capMs: 6 * 3_600_000,
  delaysMs: [],
};
