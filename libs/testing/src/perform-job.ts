import {
  catalogue,
  domainEvents,
  jobKinds,
  type EventBodyOf,
  type EventType,
  type JobEvent,
  type KindName,
  type RequestOf,
  type ResultOf,
} from '@roundhouse/contracts';
import { Attempt, type Delivery, type Handler, type Log, type TransactionPort } from '@roundhouse/jobs';
import { randomUUID } from 'node:crypto';

export interface PerformOptions {
  /** @default 'test-tenant' */
  tenantId?: string;
  /** The same id stands for the same job: give it again, with `attempt: 2`, to run it again. @default a new one */
  jobId?: string;
  /** @default 1 */
  attempt?: number;
  /** What an earlier attempt saved last: `performed.checkpoint`. */
  checkpoint?: unknown;
  /** The database effects of the handler: the service's inbox on a real database. */
  transactions?: TransactionPort;
  /**
   * Called with everything the handler reports before the end. What it throws is what the handler's `checkpoint` throws: a
   * worker that dies at this point. `interrupt` cancels the job.
   */
  onEvent?: (event: NonNullable<JobEvent['event']>, interrupt: () => void) => void | Promise<void>;
}

type DomainEventRecord = { [E in EventType]: { type: E; body: EventBodyOf<E>; immediate: boolean } }[EventType];
type FollowUpRecord = { [K in KindName]: { kind: K; request: RequestOf<K>; runAt: Date | undefined } }[KindName];

/** What a handler has told, in the order it did. */
export interface JobTraces {
  jobId: string;
  events: DomainEventRecord[];
  followUps: FollowUpRecord[];
  progress: { percent: number; message: string }[];
  checkpoint: unknown;
  /** What the page of the job shows. */
  log: string[];
}

export interface PerformedJob<K extends KindName> extends JobTraces {
  result: ResultOf<K>;
}

/** A handler that failed: `cause` is what it threw, `traces` what it had told before. */
export class HandlerFailed extends Error {
  override readonly name = 'HandlerFailed';
  constructor(
    cause: unknown,
    readonly traces: JobTraces,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function deliveryOf(kind: KindName, payload: Uint8Array, options: PerformOptions): Delivery {
  const { queue, version, timeoutMs } = catalogue.kind(kind)!;
  return {
    jobId: options.jobId ?? randomUUID(),
    tenantId: options.tenantId ?? 'test-tenant',
    kind,
    version,
    queue,
    payload,
    redelivered: false,
    enqueuedAt: undefined,
    dispatchedAt: undefined,
    timeoutMs,
    traceparent: '',
  };
}

/**
 * Runs a handler as a worker would, without a broker: the request goes through its message, the context is a real attempt,
 * the result through its message again. Throws HandlerFailed when the handler does.
 */
export async function performJob<K extends KindName>(
  kind: K,
  handler: Handler<RequestOf<K>, ResultOf<K>>,
  request: Partial<RequestOf<K>>,
  options: PerformOptions = {},
): Promise<PerformedJob<K>> {
  const codecs = jobKinds[kind] as unknown as {
    request: Codec & { fromPartial(value: unknown): unknown };
    result: Codec;
  };
  const payload = codecs.request.encode(codecs.request.fromPartial(request)).finish();
  const delivery = deliveryOf(kind, payload, options);
  const traces: JobTraces = {
    jobId: delivery.jobId,
    events: [],
    followUps: [],
    progress: [],
    checkpoint: options.checkpoint,
    log: [],
  };
  const attempt: Attempt = new Attempt(
    delivery,
    {
      attempt: options.attempt ?? 1,
      failures: (options.attempt ?? 1) - 1,
      checkpoint: options.checkpoint === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(options.checkpoint)),
    },
    {
      log: silent,
      transactions: options.transactions,
      observer: {
        step: (_step, _delivery, _n, run) => run(),
        decided: () => undefined,
        finished: () => undefined,
        traceparent: () => '',
      },
      events: {
        report: async ({ event }) => {
          if (!event) return;
          record(traces, event);
          await options.onEvent?.(event, () => attempt.interrupt('cancelled'));
        },
      },
    },
  );
  try {
    const result = await handler(codecs.request.decode(payload) as RequestOf<K>, attempt);
    const bytes = codecs.result.encode(result).finish();
    return { ...gathered(traces, attempt), result: codecs.result.decode(bytes) as ResultOf<K> };
  } catch (error) {
    throw new HandlerFailed(error, gathered(traces, attempt));
  }
}

function record(traces: JobTraces, event: NonNullable<JobEvent['event']>): void {
  switch (event.$case) {
    case 'progress':
      traces.progress.push({ percent: event.value.percent, message: event.value.message });
      break;
    case 'checkpoint':
      traces.checkpoint = JSON.parse(Buffer.from(event.value.data).toString('utf8'));
      break;
    case 'logged':
      traces.log.push(...event.value.lines.map(({ message }) => message));
      break;
    case 'emitted':
      traces.events.push(domainEvent(event.value, true));
  }
}

function domainEvent({ type, payload }: { type: string; payload: Uint8Array }, immediate: boolean): DomainEventRecord {
  const body = (domainEvents[type as EventType].body as unknown as Codec).decode(payload);
  return { type, body, immediate } as DomainEventRecord;
}

/** With the last progress, and with what would have gone out together with the outcome. */
function gathered(traces: JobTraces, attempt: Attempt): JobTraces {
  attempt.close();
  attempt.closeLog();
  traces.events.push(...attempt.domainEvents.map((event) => domainEvent(event, false)));
  for (const { kind, payload, runAt } of attempt.followUps) {
    const request = (jobKinds[kind as KindName].request as unknown as Codec).decode(payload);
    traces.followUps.push({ kind, request, runAt } as FollowUpRecord);
  }
  return traces;
}
