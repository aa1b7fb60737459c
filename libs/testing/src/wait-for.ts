import { inspect } from 'node:util';

export interface WaitOptions {
  /** @default 60 000: a ceiling for slow machines, never a time that is measured */
  timeoutMs?: number;
  /** What is waited for, for the error: `the job to succeed`. */
  describe?: string;
  /** First pause between two looks; it grows to ten times as much. @default 5 */
  intervalMs?: number;
}

/**
 * Looks until `condition` returns something truthy and returns that. It may throw while it is not met.
 * @throws Error with the last value or error when the time is over
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 60_000, describe = 'the condition', intervalMs = 5 }: WaitOptions = {},
): Promise<NonNullable<Exclude<T, false | 0 | ''>>> {
  const deadline = performance.now() + timeoutMs;
  let pause = intervalMs;
  for (;;) {
    let last: string;
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value as NonNullable<Exclude<T, false | 0 | ''>>;
      last = `last value: ${inspect(value, { depth: 4, breakLength: 120 })}`;
    } catch (error) {
      cause = error;
      last = `last error: ${error instanceof Error ? error.message : inspect(error)}`;
    }
    if (performance.now() >= deadline) {
      throw new Error(`Waited ${timeoutMs} ms for ${describe}; ${last}`, cause === undefined ? undefined : { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, intervalMs * 10);
  }
}
