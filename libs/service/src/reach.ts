import { logLine, redactText, type Logger } from '@roundhouse/telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthChecks } from './health-checks.js';
import { isAway } from './is-away.js';

/**
 * Repeats an attempt to open a server ('database', 'broker') for as long as nobody is there: it starts later, or again. Meanwhile the process is
 * not ready and says why. What does not go away by waiting (a wrong password, a database that does not exist) is thrown at once.
 */
export type Reach = <T>(server: string, attempt: () => Promise<T>) => Promise<T>;

interface ReachOptions {
  log: Logger;
  health: HealthChecks;
  /** Ends the waiting. */
  signal: AbortSignal;
  /** @default 100 */
  firstDelayMs?: number;
  /** How often the log says it. @default 30000 */
  tellEveryMs?: number;
}

const longestDelayMs = 2_000;

/** An error for several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}

export function reachFor({ log, health, signal, firstDelayMs = 100, tellEveryMs = 30_000 }: ReachOptions): Reach {
  return async (server, attempt) => {
    const since = performance.now();
    let toldAt = -Infinity;
    let reason = '';
    let release: (() => void) | undefined;
    try {
      for (let delay = firstDelayMs; ; delay = Math.min(delay * 2, longestDelayMs)) {
        try {
          const reached = await attempt();
          const seconds = Math.round((performance.now() - since) / 1000);
          if (release) logLine(log, 'service.reached', { server, seconds });
          return reached;
        } catch (error) {
          if (signal.aborted || !isAway(error)) throw error;
          reason = redactText(reasonOf(error));
        }
        release ??= health.register(`${server}.start`, () => {
          throw new Error(`waiting for the ${server}: ${reason}`);
        });
        if (performance.now() - toldAt >= tellEveryMs) {
          toldAt = performance.now();
          logLine(log, 'service.waiting', { server, error: reason });
        }
        await sleep(delay, undefined, { signal });
      }
    } finally {
      release?.();
    }
  };
}
