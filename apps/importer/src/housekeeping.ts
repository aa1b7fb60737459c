import type { TypeOrmInbox } from '@roundhouse/inbox';
import type { Log } from '@roundhouse/jobs';
import type { Expiry } from '@roundhouse/spreadsheets';
import type { FileStorage } from '@roundhouse/storage';
import { logLine } from '@roundhouse/telemetry';

const everyMs = 6 * 3_600_000;
/** Longer than anybody waits before he runs a dead job again; after that, stored fills are still stored once. */
const keptMs = 90 * 24 * 3_600_000;

/** Forgets old steps of the trading inbox from time to time; the schema's owner does it for every service that uses it. */
export function keepHouse(inbox: TypeOrmInbox, log: Log): NodeJS.Timeout {
  const forget = () =>
    inbox
      .forget(new Date(Date.now() - keptMs))
      .catch((error: unknown) => logLine(log, 'inbox.not_forgotten', { err: error }));
  return setInterval(() => void forget(), everyMs).unref();
}

const sweepEveryMs = 60_000;

/**
 * Removes expired sheets, imports and exports with their files, and what killed processes have left half-written: at once and then every
 * minute, or sooner when they are kept for less.
 */
export function sweepSheets(
  expiry: Expiry,
  storage: FileStorage,
  retentionMs: number,
  log: Log,
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const sweep = async () => {
    await storage.sweep();
    while ((await expiry.sweep((key) => storage.delete(key))).more);
  };
  const run = () => {
    running = running.then(sweep).catch((err: unknown) => logLine(log, 'spreadsheets.not_swept', { err }));
  };
  run();
  const timer = setInterval(run, Math.min(sweepEveryMs, Math.max(500, retentionMs / 4))).unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
