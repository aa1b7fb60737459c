import { jobKinds, JobReleased_Reason, type ClaimDecision, type JobEvent } from '@roundhouse/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { Attempt } from './attempt.js';
import type { Handler } from './context.js';
import { EarlyEnd } from './early-end.js';
import { JobFailure, toJobError } from './job-failure.js';
import type {
  AttemptOutcome,
  ClaimPort,
  Delivery,
  EventPort,
  ExecutionObserver,
  Log,
  TransactionPort,
} from './ports.js';

/** What is to be done with the broker's delivery afterwards. */
export type Settlement =
  /** The ledger knows everything there is to know; the delivery is done with. */
  | { type: 'ack' }
  /** This worker is stopping and has not started the job: another one shall have it. */
  | { type: 'requeue' }
  /** It can never be run by anybody: dead-letter exchange. */
  | { type: 'quarantine'; reason: string };

export interface ExecutionPorts {
  claims: ClaimPort;
  events: EventPort;
  observer: ExecutionObserver;
  transactions: TransactionPort | undefined;
  /** The log of one delivery: its lines carry tenant, job, attempt and trace. */
  log(delivery: Delivery, attempt: number): Log;
  /** How long a handler may go on after it was told to stop. */
  interruptGraceMs: number;
}

interface Codec {
  decode(bytes: Uint8Array): unknown;
  encode(message: unknown): { finish(): Uint8Array };
}

export interface RunningJobs {
  add(attempt: Attempt): void;
  delete(attempt: Attempt): void;
}

const ack: Settlement = { type: 'ack' };
// Node fires a longer timer at once.
const longestTimerMs = 2 ** 31 - 1;
// Stays far below what the broker takes (16 MiB from 4.0): a message it refuses would come back for ever.
const maxOutcomeBytes = 4 * 1024 * 1024;

/** One delivery from the broker to its settlement: decode → claim → run → report. */
export async function executeDelivery(
  delivery: Delivery,
  handler: Handler | undefined,
  ports: ExecutionPorts,
  running: RunningJobs,
): Promise<Settlement> {
  const codecs = jobKinds[delivery.kind as keyof typeof jobKinds] as unknown as
    { request: Codec; result: Codec } | undefined;
  if (!handler || !codecs) return { type: 'quarantine', reason: `no handler for kind ${delivery.kind}` };
  const request = decodeRequest(delivery, codecs.request);
  if (request instanceof Error) return { type: 'quarantine', reason: request.message };

  const decision = await claim(delivery, ports);
  if (decision?.$case !== 'granted') return ack;

  const { attempt: number, failures, checkpoint } = decision.value;
  const attempt = new Attempt(
    delivery,
    { attempt: number, failures, checkpoint, inputs: decision.value.inputs },
    {
      events: ports.events,
      observer: ports.observer,
      transactions: ports.transactions,
      log: ports.log(delivery, number),
    },
  );
  running.add(attempt);
  try {
    const startedAt = performance.now();
    const outcome = await ports.observer.step('handler', delivery, number, () =>
      run(attempt, handler, request, codecs.result, ports),
    );
    ports.observer.finished(delivery, outcome.name, (performance.now() - startedAt) / 1000);
    const { event } = outcome;
    if (event) await ports.observer.step('outcome', delivery, number, () => ports.events.report(attempt.event(event)));
    return ack;
  } finally {
    running.delete(attempt);
  }
}

function decodeRequest(delivery: Delivery, codec: Codec): unknown {
  try {
    return codec.decode(delivery.payload);
  } catch (error) {
    return new Error(`payload of ${delivery.kind} cannot be decoded: ${String(error)}`, { cause: error });
  }
}

async function claim(delivery: Delivery, ports: ExecutionPorts): Promise<ClaimDecision['decision']> {
  const { decision } = await ports.observer.step('claim', delivery, 0, () => ports.claims.claim(delivery));
  ports.observer.decided(delivery, decision?.$case ?? 'dropped');
  return decision;
}

interface Outcome {
  name: AttemptOutcome;
  /** Undefined: nothing to report, a newer attempt has taken over. */
  event: JobEvent['event'];
}

async function run(
  attempt: Attempt,
  handler: Handler,
  request: unknown,
  codec: Codec,
  ports: ExecutionPorts,
): Promise<Outcome> {
  const timer = setTimeout(() => attempt.interrupt('timeout'), Math.min(attempt.delivery.timeoutMs, longestTimerMs));
  try {
    // The worker began to stop while the claim was under way: the job goes back without having been started.
    attempt.signal.throwIfAborted();
    const work = handler(request, attempt);
    const result = await Promise.race([work, overrun(attempt.signal, ports.interruptGraceMs)]);
    attempt.close();
    return succeeded(attempt, codec.encode(result).finish());
  } catch (error) {
    attempt.close();
    return stopped(attempt, error);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects when a handler does not stop within the grace after it was told to. */
async function overrun(signal: AbortSignal, graceMs: number): Promise<never> {
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await delay(graceMs, undefined, { ref: false });
  throw signal.reason;
}

const byteLength = (parts: { payload: Uint8Array }[]): number =>
  parts.reduce((sum, { payload }) => sum + payload.length, 0);

function succeeded(attempt: Attempt, result: Uint8Array): Outcome {
  const { followUps, domainEvents } = attempt;
  const event = { $case: 'succeeded' as const, value: { result: Buffer.from(result), followUps, domainEvents } };
  const size = result.length + byteLength(followUps) + byteLength(domainEvents);
  if (size > maxOutcomeBytes) {
    const what = `The result with its ${followUps.length} follow-ups and ${domainEvents.length} events has ${size} bytes`;
    throw new JobFailure('INTERNAL', `${what}, more than ${maxOutcomeBytes}: keep large data in a file`, {
      retry: false,
    });
  }
  return { name: 'succeeded', event };
}

/** The handler threw: because it was interrupted, or because the attempt failed. */
function stopped(attempt: Attempt, error: unknown): Outcome {
  switch (attempt.interruption) {
    case 'cancelled':
      return { name: 'cancelled', event: { $case: 'cancelled', value: {} } };
    case 'shutdown':
      return { name: 'released', event: { $case: 'released', value: { reason: JobReleased_Reason.SHUTDOWN } } };
    case 'superseded':
      return { name: 'abandoned', event: undefined };
    case 'timeout': {
      const limit = `${attempt.delivery.timeoutMs / 1000} s`;
      return failed(attempt, new JobFailure('TIMEOUT', `The attempt did not end within ${limit}`, { cause: error }));
    }
    case undefined: {
      const early = EarlyEnd.in(error);
      return early ? endedEarly(early) : failed(attempt, JobFailure.from(error));
    }
  }
}

const earlyNames = { snoozed: 'snoozed', throttled: 'throttled', discarded: 'discarded' } as const;

/** Follow-ups and domain events go with a success only: whoever ends early has done nothing worth telling. */
function endedEarly({ outcome }: EarlyEnd): Outcome {
  return { name: earlyNames[outcome.$case], event: outcome };
}

function failed(attempt: Attempt, failure: JobFailure): Outcome {
  attempt.log.warn({ code: failure.code, retryable: failure.retryable, err: failure }, 'attempt failed');
  const size = byteLength(attempt.domainEvents);
  if (size > maxOutcomeBytes)
    attempt.log.warn({ bytes: size }, 'domain events of a failed attempt left out, they are too large');
  const domainEvents = size > maxOutcomeBytes ? [] : attempt.domainEvents;
  return { name: 'failed', event: { $case: 'failed', value: { error: toJobError(failure), domainEvents } } };
}
