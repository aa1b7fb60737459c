import type { RetryPolicy } from '@roundhouse/contracts';

/** A number in [0, 1); injected so that a run can be repeated. */
export type Random = () => number;

function baseDelayMs(policy: RetryPolicy, n: number, random: Random): number {
  switch (policy.backoff) {
    case 'polynomial':
      return (n ** 4 + 15 + random() * 10 * (n + 1)) * 1000;
    case 'exponential':
      return policy.initialMs * policy.multiplier ** n;
    case 'fixed':
      return policy.delaysMs[Math.min(n, policy.delaysMs.length - 1)] ?? 0;
  }
}

/**
 * Milliseconds to wait after failure number `failures` (1 = the first one). ±10 % jitter keeps jobs that failed together
 * from coming back together; the cap holds after the jitter. The polynomial is Sidekiq's documented retry formula.
 */
export function retryDelayMs(policy: RetryPolicy, failures: number, random: Random = Math.random): number {
  const jittered = baseDelayMs(policy, failures - 1, random) * (0.9 + 0.2 * random());
  return Math.round(Math.min(jittered, policy.capMs));
}
