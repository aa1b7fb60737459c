import type { JobEvent } from '@roundhouse/contracts';

export type EarlyOutcome = Extract<
  NonNullable<JobEvent['event']>,
  { $case: 'snoozed' } | { $case: 'throttled' } | { $case: 'discarded' }
>;

/**
 * Thrown by `ctx.rateLimited`, `ctx.snooze` and `ctx.discard`: it ends the attempt with an outcome that is no failure. A
 * handler that catches everything must let it through.
 */
export class EarlyEnd extends Error {
  override readonly name = 'EarlyEnd';

  constructor(readonly outcome: EarlyOutcome) {
    super(`The handler ended the attempt early: ${outcome.$case}`);
  }

  /** Also when a library has wrapped what the handler's callback threw. */
  static in(error: unknown): EarlyEnd | undefined {
    let found: unknown = error;
    for (let depth = 0; depth < 8 && found instanceof Error; depth += 1) {
      if (found instanceof EarlyEnd) return found;
      found = found.cause;
    }
    return undefined;
  }
}

const longestMs = 10 * 366 * 86_400_000;

/**
 * Milliseconds as the contract carries them. Times come from headers and sums of handlers: what is no number at all would
 * travel into the ledger's clock arithmetic.
 * @throws RangeError
 */
export function durationOf(ms: number, what: string): { seconds: number; nanos: number } {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`${what} must be milliseconds from 0 up, not ${ms}`);
  const whole = Math.min(Math.round(ms), longestMs);
  return { seconds: Math.floor(whole / 1000), nanos: (whole % 1000) * 1e6 };
}
