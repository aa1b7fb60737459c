import type { ErrorRule, RetryPolicy } from '@roundhouse/contracts';
import type { FailureCode } from './job-failure.js';
import { retryDelayMs, type Random } from './retry-delay.js';

export interface FailureFacts {
  code: FailureCode;
  retryable: boolean;
  /** Not earlier than this from now (Retry-After). */
  retryAfterMs: number | undefined;
}

export type FailureVerdict =
  | { type: 'retry'; delayMs: number }
  /** Again after the delay, without the failure counting. */
  | { type: 'snooze'; delayMs: number }
  | { type: 'discard' }
  | { type: 'dead' };

export interface FailurePolicy {
  retry: RetryPolicy;
  errorRules: readonly ErrorRule[];
}

/**
 * What becomes of a job after its failure number `failures`. The rule for the error's code comes first, then what the
 * error says of itself, then the kind's policy. A rule that retries does so even for codes that are final by default.
 */
export function judgeFailure(
  failure: FailureFacts,
  failures: number,
  { retry, errorRules }: FailurePolicy,
  random: Random = Math.random,
): FailureVerdict {
  const rule = errorRules.find(({ code }) => code === failure.code);
  const policy = rule?.retry ?? retry;
  const atLeast = (delayMs: number) => Math.max(delayMs, failure.retryAfterMs ?? 0);
  switch (rule?.action) {
    case 'discard':
    case 'dead':
      return { type: rule.action };
    case 'snooze':
      return { type: 'snooze', delayMs: atLeast(retryDelayMs(policy, 1, random)) };
    case 'retry':
    case undefined:
      if (!rule && !failure.retryable) return { type: 'dead' };
      if (failures >= policy.maxAttempts) return { type: 'dead' };
      return { type: 'retry', delayMs: atLeast(retryDelayMs(policy, failures, random)) };
  }
}
