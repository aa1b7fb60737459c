import type { ClaimDecision, JobEvent } from '@roundhouse/contracts';

/** One job offered to this worker. Whether it may run is decided by the claim. */
export interface Delivery {
  jobId: string;
  tenantId: string;
  kind: string;
  version: number;
  queue: string;
  payload: Uint8Array;
  redelivered: boolean;
  enqueuedAt: Date | undefined;
  dispatchedAt: Date | undefined;
  timeoutMs: number;
  traceparent: string;
  /** Told when the ledger has granted the job to this worker: from then on its lease holds it, not the broker. */
  onGranted?(): void;
  /** Told when the handler has ended and its outcome is about to be reported. */
  onEnded?(): void;
}

/**
 * Asks the ledger whether a delivery may run. Rejects when the ledger cannot be reached.
 * `unsupported`: this worker cannot run it, another one shall.
 */
export interface ClaimPort {
  claim(delivery: Delivery, unsupported?: boolean): Promise<ClaimDecision>;
}

/** Reports what happened in an attempt. Resolves once the broker has the event for good. */
export interface EventPort {
  report(event: JobEvent): Promise<void>;
}

/** A transaction of the service's own domain database. */
export interface Transaction {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows have the shape of the caller's SQL
  query<T = any>(sql: string, parameters?: unknown[]): Promise<T>;
}

/**
 * Runs `work` and remembers (job, step) in one local transaction, so that the effect happens exactly once however often
 * the job runs. Answers undefined, without running `work`, when the step was done before.
 */
export interface TransactionPort {
  once<T>(jobId: string, step: string, work: (tx: Transaction) => Promise<T>): Promise<T | undefined>;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Unset: all levels but debug are of interest. */
  isLevelEnabled?(level: 'debug' | 'info' | 'warn' | 'error'): boolean;
}

/** Hides secrets in what is logged, by the names they go by and the forms they have. */
export interface LogRedaction {
  fields(fields: object): object;
  text(text: string): string;
}

/** The steps of an execution that take time. */
export type ExecutionStep = 'claim' | 'handler' | 'outcome';

export type AttemptOutcome =
  'succeeded' | 'failed' | 'released' | 'cancelled' | 'abandoned' | 'snoozed' | 'throttled' | 'discarded';

/** Where spans and metrics of an execution go. */
export interface ExecutionObserver {
  /**
   * Runs one step inside a span; `attempt` is 0 before the claim is granted. A step that ends in order although what it
   * ran has failed says so with `fail`.
   */
  step<T>(
    step: ExecutionStep,
    delivery: Delivery,
    attempt: number,
    run: (fail?: (error: unknown) => void) => Promise<T>,
  ): Promise<T>;
  decided(delivery: Delivery, decision: 'granted' | 'dropped'): void;
  finished(delivery: Delivery, outcome: AttemptOutcome, seconds: number): void;
  /** The current position in the trace, for events and follow-ups. */
  traceparent(delivery: Delivery): string;
}
