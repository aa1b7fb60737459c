import type { EventBodyOf, EventType, KindName, RequestOf, ResultOf } from '@roundhouse/contracts';
import type { Log, Transaction } from './ports.js';
import type { StepCursor } from './steps.js';

export interface EmitOptions {
  /**
   * Send at once instead of together with the outcome. Then it may be seen more than once when the job runs again, and
   * it stays even if the attempt fails. @default false
   */
  immediate?: boolean;
}

export interface FollowUpOptions {
  /** Not to run before. @default at once */
  runAt?: Date;
}

export interface RateFeedbackOptions {
  /** @default the kind's own bucket */
  bucket?: string;
  /** Requests left until the reset. */
  remaining: number;
  resetAfterMs: number;
}

/** What a handler can know and do about the job it runs. */
export interface JobContext {
  readonly jobId: string;
  readonly tenantId: string;
  readonly kind: string;
  /** Fence of this run, from 1. */
  readonly attempt: number;
  /** Attempts that failed before this one. */
  readonly failures: number;
  /** Aborted when the job is cancelled, its time is over or the worker stops; pass it to everything that waits. */
  readonly signal: AbortSignal;
  readonly log: Log;

  /** Tells viewers how far the job is. `percent` is 0 … 100. Repeated calls are thinned out; the last one counts. */
  progress(percent: number, message?: string): void;

  /** The value that the last `checkpoint` of any attempt saved. */
  resumeFrom<T>(): T | undefined;
  /** Saves where to resume (a JSON value, at most 64 KiB). Resolves once it is safe. */
  checkpoint(value: unknown): Promise<void>;

  /**
   * Runs a named part of the work that can be interrupted and resumed: a step that was finished by an earlier attempt is
   * skipped, one that was not gets its last cursor. Steps must come in the same order in every attempt. Not to be mixed
   * with `checkpoint`, which it uses.
   */
  step<C>(name: string, work: (step: StepCursor<C>) => Promise<void>): Promise<void>;

  /**
   * Result of the job that this one depends on under that reference; undefined when it did not succeed, or when there is
   * no such dependency. `kind` is the other job's.
   */
  input<K extends KindName>(ref: string, kind: K): ResultOf<K> | undefined;

  /** Publishes a domain event, in the same transaction as the outcome. */
  emit<E extends EventType>(type: E, body: EventBodyOf<E>, options?: EmitOptions): void;
  /** Creates a job in the same transaction as this one's success. */
  followUp<K extends KindName>(kind: K, request: RequestOf<K>, options?: FollowUpOptions): void;

  /** Database effect that happens exactly once. `step` names it, the same in every attempt. */
  tx<T>(step: string, work: (tx: Transaction) => Promise<T>): Promise<T | undefined>;
  /** Idempotency key for an external call; the same in every attempt. */
  effectKey(step: string): string;

  /**
   * A provider answered "too many requests": ends this attempt without costing it, and every job of the bucket waits, on
   * all workers. Afterwards they come at the bucket's pace.
   * @param retryAfterMs what the provider asked for; undefined: a minute
   * @param bucket the provider's bucket. @default the kind's own
   */
  rateLimited(retryAfterMs?: number, bucket?: string): never;
  /** Ends this attempt without costing it; the job runs again after the delay. */
  snooze(delayMs: number, reason: string): never;
  /** Ends the job for good without being dead: it has become pointless. */
  discard(reason: string): never;
  /** What a provider's answer said about its limits. The attempt goes on; with nothing left, no other one starts until the reset. */
  rateFeedback(feedback: RateFeedbackOptions): void;
}

export type Handler<Request = unknown, Result = unknown> = (request: Request, context: JobContext) => Promise<Result>;
