import {
  domainEvents,
  jobKinds,
  type DomainEvent,
  type EventType,
  type FollowUp,
  type JobEvent,
  type KindName,
  type ResultOf,
} from '@roundhouse/contracts';
import { AttemptLog } from './attempt-log.js';
import type { EmitOptions, FollowUpOptions, JobContext, RateFeedbackOptions } from './context.js';
import { durationOf, EarlyEnd } from './early-end.js';
import { Interruption, type InterruptionReason } from './interruption.js';
import { JobFailure } from './job-failure.js';
import { sensitiveValuesOf } from './log-record.js';
import type { Delivery, EventPort, ExecutionObserver, Log, LogRedaction, TransactionPort } from './ports.js';
import { ProgressThrottle } from './progress-throttle.js';
import { Steps, type StepCursor } from './steps.js';

const maxCheckpointBytes = 64 * 1024;

const maxReasonLength = 1_000;
const clipReason = (reason: string): string => reason.slice(0, maxReasonLength);

interface Encoder {
  encode(message: unknown): { finish(): Uint8Array };
}
interface Decoder<T> {
  decode(bytes: Uint8Array): T;
}

/** What an attempt reports while it goes on; everything else is its outcome. */
const remarks: readonly string[] = ['progress', 'checkpoint', 'emitted', 'rateFeedback', 'logged'];

export interface AttemptPorts {
  events: EventPort;
  observer: ExecutionObserver;
  /** Read when there is something to say; most attempts have nothing. */
  readonly log: Log;
  logRedaction?: LogRedaction;
  transactions: TransactionPort | undefined;
  /** @default Infinity */
  timeSliceMs?: number;
}

export interface AttemptGrant {
  attempt: number;
  failures: number;
  checkpoint: Uint8Array;
  /** Results of the jobs that this one depends on, by their reference. */
  inputs?: Record<string, Uint8Array>;
  /** Instead of the delivery's. */
  payload?: Uint8Array;
  /** Shows the ledger that who reports was granted the attempt. */
  token?: Buffer;
}

/** One granted run of a job: the handler's context, and what it has gathered for the outcome. */
export class Attempt implements JobContext {
  readonly followUps: FollowUp[] = [];
  readonly domainEvents: DomainEvent[] = [];
  // Made when somebody asks for them: most attempts are over before anybody does.
  private controller: AbortController | undefined;
  private madeLog: AttemptLog | undefined;
  private throttle: ProgressThrottle | undefined;
  private reason: Interruption | undefined;
  private onInterrupted: ((reason: Interruption) => void) | undefined;
  private readonly steps: Steps;
  private readonly startedAt = performance.now();
  private checkpointData: Uint8Array;
  private readonly inputs: Record<string, Uint8Array>;
  private readonly payload: Uint8Array;
  private readonly grantedAt = performance.now();
  readonly attempt: number;
  readonly failures: number;
  readonly token: Buffer | undefined;

  constructor(
    readonly delivery: Delivery,
    grant: AttemptGrant,
    private readonly ports: AttemptPorts,
  ) {
    this.attempt = grant.attempt;
    this.failures = grant.failures;
    this.token = grant.token;
    this.checkpointData = grant.checkpoint;
    this.inputs = grant.inputs ?? {};
    this.payload = grant.payload ?? delivery.payload;
    this.steps = new Steps(this);
  }

  get jobId(): string {
    return this.delivery.jobId;
  }

  get tenantId(): string {
    return this.delivery.tenantId;
  }

  get kind(): string {
    return this.delivery.kind;
  }

  get log(): AttemptLog {
    this.madeLog ??= new AttemptLog(this.ports.log, {
      send: (logged) => this.reportInBackground({ $case: 'logged', value: logged }),
      mask: () => ({ redaction: this.ports.logRedaction, values: sensitiveValuesOf(this.kind, this.payload) }),
    });
    return this.madeLog;
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  get interruption(): InterruptionReason | undefined {
    return this.reason?.reason;
  }

  /** Resolves when the attempt is told to stop. To be asked for once. */
  interrupted(): Promise<Interruption> {
    return new Promise((resolve) => {
      if (this.reason) resolve(this.reason);
      else this.onInterrupted = resolve;
    });
  }

  throwIfInterrupted(): void {
    if (this.reason) throw this.reason;
  }

  /** The first reason stays. */
  interrupt(reason: InterruptionReason): void {
    if (this.reason) return;
    this.reason = new Interruption(reason);
    this.controller?.abort(this.reason);
    this.onInterrupted?.(this.reason);
  }

  progress(percent: number, message = ''): void {
    if (!Number.isFinite(percent)) throw new JobFailure('INTERNAL', `progress(${percent}): percent must be 0 … 100`);
    this.throttle ??= new ProgressThrottle((sent, text) => {
      this.reportInBackground({ $case: 'progress', value: { percent: sent, message: text } });
    });
    this.throttle.set(Math.min(100, Math.max(0, percent)), message);
  }

  resumeFrom<T>(): T | undefined {
    if (this.checkpointData.length === 0) return undefined;
    return JSON.parse(Buffer.from(this.checkpointData).toString('utf8')) as T;
  }

  input<K extends KindName>(ref: string, kind: K): ResultOf<K> | undefined {
    const bytes = this.inputs[ref];
    if (bytes === undefined) return undefined;
    return (jobKinds[kind].result as unknown as Decoder<ResultOf<K>>).decode(bytes);
  }

  async checkpoint(value: unknown): Promise<void> {
    const data = Buffer.from(JSON.stringify(value), 'utf8');
    if (data.length > maxCheckpointBytes) {
      throw new JobFailure(
        'INTERNAL',
        `A checkpoint holds at most ${maxCheckpointBytes} bytes, this one has ${data.length}`,
      );
    }
    this.checkpointData = data;
    this.throttle?.flush();
    await this.ports.events.report(this.event({ $case: 'checkpoint', value: { data } }));
  }

  step<C>(name: string, work: (step: StepCursor<C>) => Promise<void>): Promise<void> {
    return this.steps.run(name, work);
  }

  /** Throws when the attempt has to stop: it was told to, or its time slice is over. */
  throwIfDue(): void {
    const { timeSliceMs = Infinity } = this.ports;
    if (!this.signal.aborted && performance.now() - this.startedAt > timeSliceMs) this.interrupt('time_slice');
    this.signal.throwIfAborted();
  }

  emit(type: EventType, body: unknown, options: EmitOptions = {}): void {
    const codec = domainEvents[type].body as unknown as Encoder;
    const event: DomainEvent = { type, payload: Buffer.from(codec.encode(body).finish()) };
    if (options.immediate) this.reportInBackground({ $case: 'emitted', value: event });
    else this.domainEvents.push(event);
  }

  followUp(kind: KindName, request: unknown, options: FollowUpOptions = {}): void {
    if (Number.isNaN(options.runAt?.getTime()))
      throw new JobFailure('INTERNAL', `followUp(${kind}): runAt is not a valid date`);
    const codec = jobKinds[kind].request as unknown as Encoder;
    this.followUps.push({ kind, payload: Buffer.from(codec.encode(request).finish()), runAt: options.runAt });
  }

  tx: JobContext['tx'] = async (step, work) => {
    if (!this.ports.transactions)
      throw new JobFailure('INTERNAL', 'This service has no database: ctx.tx is not available');
    return this.ports.transactions.once(this.jobId, step, work);
  };

  effectKey(step: string): string {
    return `${this.jobId}:${step}`;
  }

  rateLimited(retryAfterMs?: number, bucket = ''): never {
    // A Retry-After that cannot be read is no reason to fail: the provider did ask for silence.
    const known = retryAfterMs !== undefined && Number.isFinite(retryAfterMs) && retryAfterMs >= 0;
    const retryAfter = known ? durationOf(retryAfterMs, 'retryAfterMs') : undefined;
    throw new EarlyEnd({ $case: 'throttled', value: { bucket, retryAfter } });
  }

  snooze(delayMs: number, reason: string): never {
    throw new EarlyEnd({
      $case: 'snoozed',
      value: { delay: durationOf(delayMs, 'snooze'), reason: clipReason(reason) },
    });
  }

  discard(reason: string): never {
    throw new EarlyEnd({ $case: 'discarded', value: { reason: clipReason(reason) } });
  }

  rateFeedback({ bucket = '', remaining, resetAfterMs }: RateFeedbackOptions): void {
    if (!(remaining >= 0) || !Number.isFinite(resetAfterMs) || resetAfterMs < 0) {
      this.log.warn(
        { event: 'attempt.rate_feedback_left_out', bucket, remaining, resetAfterMs },
        'rate feedback without usable numbers left out',
      );
      return;
    }
    const left = Math.min(Math.floor(remaining), 2 ** 32 - 1);
    const resetAfter = durationOf(resetAfterMs, 'resetAfterMs');
    this.reportInBackground({ $case: 'rateFeedback', value: { bucket, remaining: left, resetAfter } });
  }

  /** Sends held-back progress and stops its timer. */
  close(): void {
    this.throttle?.flush();
  }

  /** Sends held-back lines; to be called when all is logged, right before the outcome, which they then travel with. */
  closeLog(): void {
    this.madeLog?.close();
  }

  event(event: NonNullable<JobEvent['event']>): JobEvent {
    const ranMs = performance.now() - this.grantedAt;
    const ranFor = { seconds: Math.floor(ranMs / 1000), nanos: Math.floor(ranMs % 1000) * 1e6 };
    return {
      jobId: this.jobId,
      attempt: this.attempt,
      token: this.token,
      kind: this.kind,
      at: new Date(),
      traceparent: this.ports.observer.traceparent(this.delivery),
      event,
      ...(!remarks.includes(event.$case) && { ranFor }),
    };
  }

  /** Progress and immediate events do not hold the handler up; that one got lost is logged, it does not fail the job. */
  private reportInBackground(event: NonNullable<JobEvent['event']>): void {
    this.ports.events.report(this.event(event)).catch((error: unknown) => {
      const { base: log } = this.log; // not to the job's page: that takes the same way
      log.warn(
        { event: 'attempt.event_not_reported', error: String(error), reported: event.$case },
        'event could not be reported',
      );
    });
  }
}
