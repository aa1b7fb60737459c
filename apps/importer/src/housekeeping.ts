import type { Log } from '@roundhouse/jobs';
import type { Expiry } from '@roundhouse/spreadsheets';
import type { FileStorage } from '@roundhouse/storage';
import { logLine, type LogEvent } from '@roundhouse/telemetry';
import type { UploadExpiry } from '@roundhouse/trading';

export interface Sweeping {
  stop(): Promise<void>;
}

/**
 * Removes expired sheets, imports and exports with their files, and what killed processes have left half-written: at once and then every
 * minute, or sooner when they are kept for less.
 */
export function sweepSheets(expiry: Expiry, storage: FileStorage, retentionMs: number, log: Log): Sweeping {
  const sweep = async () => {
    await storage.sweep();
    while ((await expiry.sweep((key) => storage.delete(key))).more);
  };
  return repeat(sweep, Math.min(60_000, retentionMs / 4), (err) => logLine(log, notSwept.sheets, { err }));
}

/** Removes old files of trades: at once and then every hour, or sooner when they are kept for less. Trades stay. */
export function sweepTradeFiles(expiry: UploadExpiry, storage: FileStorage, retentionMs: number, log: Log): Sweeping {
  const sweep = () => expiry.sweep(new Date(Date.now() - retentionMs), (key) => storage.delete(key));
  return repeat(sweep, Math.min(3_600_000, retentionMs / 4), (err) => logLine(log, notSwept.trades, { err }));
}

const notSwept = {
  sheets: 'spreadsheets.not_swept',
  trades: 'import.files_not_swept',
} as const satisfies Record<string, LogEvent>;

const shortestPauseMs = 500;

/** One at a time, however long it takes. */
function repeat(work: () => Promise<unknown>, pauseMs: number, onError: (error: unknown) => void): Sweeping {
  let running: Promise<unknown> = Promise.resolve();
  const run = () => {
    running = running.then(work).catch(onError);
  };
  run();
  const timer = setInterval(run, Math.max(shortestPauseMs, pauseMs)).unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
