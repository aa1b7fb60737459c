import { constants } from 'node:os';
import { logLine, type Logger } from '@roundhouse/telemetry';

/** Turns the process's signals and uncaught errors into one request to stop. */
export class Signals {
  readonly #abort = new AbortController();
  readonly #stopped: Promise<string>;
  #log: Logger | undefined;

  constructor() {
    const { signal } = this.#abort;
    this.#stopped = new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(String(signal.reason)), { once: true });
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#received(signal));
    process.on('uncaughtException', (error) => this.#crashed(error));
    process.on('unhandledRejection', (reason) => this.#crashed(reason));
  }

  /** Resolves with the reason when the process is to stop. */
  get stopped(): Promise<string> {
    return this.#stopped;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  useLog(log: Logger): void {
    this.#log = log;
  }

  stop(reason: string): void {
    this.#abort.abort(reason);
  }

  /** The second signal means: now. The shell's convention for a process ended by a signal is 128 + its number. */
  #received(signal: 'SIGTERM' | 'SIGINT'): void {
    if (this.signal.aborted) process.exit(128 + constants.signals[signal]);
    this.stop(signal);
  }

  /** State is unknown after an uncaught error, so nothing is flushed or handed back: the ledger takes the jobs over. */
  #crashed(reason: unknown): void {
    const err = reason instanceof Error ? reason : new Error(`Rejected with ${String(reason)}`);
    if (this.#log !== undefined) logLine(this.#log, 'service.crashed', { err });
    else process.stderr.write(`${err.stack ?? err.message}\n`);
    process.exit(1);
  }
}
