import {
  catalogue,
  Dropped_Reason,
  jobKinds,
  JobReleased_Reason,
  type ClaimDecision,
  type JobEvent,
} from '@roundhouse/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { Attempt } from './attempt.js';
import type { Handler } from './context.js';
import { EarlyEnd } from './early-end.js';
import type { Solitude } from './solitude.js';
import { JobFailure, toJobError } from './job-failure.js';
import type {
  AttemptOutcome,
  ClaimPort,
  Delivery,
  EventPort,
  ExecutionObserver,
  Log,
  LogRedaction,
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
  /** For the lines that the page of a job shows. */
  logRedaction?: LogRedaction;
  /** How long a handler may go on after it was told to stop. */
  interruptGraceMs: number;
  /** Where jobs that must be alone find nobody else. @default every job runs as it comes */
  solitude?: Solitude;
  /** After this long an attempt that works in steps stops at its next cursor, so that others have their turn. */
  timeSliceMs: number;
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
  if (!handler || !codecs || delivery.version > supportedVersion(delivery.kind)) return passOn(delivery, ports);
  const delivered = decodeRequest(delivery.kind, delivery.payload, codecs.request);
  if (delivered instanceof Error) return { type: 'quarantine', reason: delivered.message };

  const decision = await claim(delivery, ports);
  if (decision?.$case !== 'granted') return ack;
  delivery.onGranted?.();

  const { attempt: number, failures, checkpoint, payload: replaced, token } = decision.value;
  // The payload was edited since this delivery went out.
  const request = replaced ? decodeRequest(delivery.kind, replaced, codecs.request) : delivered;
  const attempt = new Attempt(
    delivery,
    { attempt: number, failures, checkpoint, inputs: decision.value.inputs, payload: replaced, token },
    {
      events: ports.events,
      observer: ports.observer,
      transactions: ports.transactions,
      get log() {
        return ports.log(delivery, number);
      },
      logRedaction: ports.logRedaction,
      timeSliceMs: ports.timeSliceMs,
    },
  );
  running.add(attempt);
  let leave: (() => void) | undefined;
  try {
    leave = await enter(attempt, ports, decision.value.alone);
    const startedAt = performance.now();
    const outcome = await ports.observer.step('handler', delivery, number, async (fail) => {
      const ended = leave
        ? await run(attempt, handler, request, codecs.result, ports)
        : noSeat(attempt, decision.value.alone);
      if (ended.failure) fail?.(ended.failure);
      return ended;
    });
    ports.observer.finished(delivery, outcome.name, (performance.now() - startedAt) / 1000);
    delivery.onEnded?.();
    const { event } = outcome;
    attempt.closeLog();
    if (event) await ports.observer.step('outcome', delivery, number, () => ports.events.report(attempt.event(event)));
    return ack;
  } finally {
    leave?.();
    running.delete(attempt);
  }
}

const nobodyCares = (): void => undefined;
/** Long enough for most jobs to end; what waits here keeps others waiting. */
const seatPatienceMs = 10_000;
const seatRetrySeconds = 30;

/** The handler may begin; undefined: not here and now, or not any more. */
async function enter(
  attempt: Attempt,
  { solitude }: ExecutionPorts,
  alone: boolean,
): Promise<(() => void) | undefined> {
  if (!solitude) return nobodyCares;
  const seat = alone ? undefined : solitude.enterAtOnce();
  return seat ?? solitude.enter({ alone, patienceMs: seatPatienceMs, signal: attempt.signal });
}

/** Comes again: a job that must be alone later, the others at once. Whoever was told to stop meanwhile does that. */
function noSeat(attempt: Attempt, alone: boolean): Outcome {
  attempt.close();
  if (attempt.interruption) return stopped(attempt, attempt.signal.reason);
  if (!alone) return { name: 'released', event: { $case: 'released', value: { reason: JobReleased_Reason.SHUTDOWN } } };
  const reason = 'It has to run alone, and this worker had other jobs to end first';
  const value = { delay: { seconds: seatRetrySeconds, nanos: 0 }, reason };
  return { name: 'snoozed', event: { $case: 'snoozed', value } };
}

function decodeRequest(kind: string, payload: Uint8Array, codec: Codec): unknown {
  try {
    return codec.decode(payload);
  } catch (error) {
    return new JobFailure('POISON', `payload of ${kind} cannot be decoded: ${String(error)}`, { cause: error });
  }
}

const supportedVersion = (kind: string): number => catalogue.kind(kind)?.version ?? 0;

/** A newer worker shall have it: in a deploy under way there soon is one. What the ledger does not know is poison. */
async function passOn(delivery: Delivery, ports: ExecutionPorts): Promise<Settlement> {
  const { decision } = await ports.claims.claim(delivery, true);
  if (decision?.$case !== 'dropped' || decision.value.reason !== Dropped_Reason.UNKNOWN) return ack;
  return { type: 'quarantine', reason: `no handler for kind ${delivery.kind} version ${delivery.version}` };
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
  /** Why it failed. */
  failure?: JobFailure;
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
    attempt.throwIfInterrupted();
    if (request instanceof JobFailure) throw request;
    const work = handler(request, attempt);
    const result = await Promise.race([work, overrun(attempt, ports.interruptGraceMs)]);
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
async function overrun(attempt: Attempt, graceMs: number): Promise<never> {
  const reason = await attempt.interrupted();
  await delay(graceMs, undefined, { ref: false });
  throw reason;
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
    case 'time_slice':
      return { name: 'released', event: { $case: 'released', value: { reason: JobReleased_Reason.TIME_SLICE } } };
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
  attempt.log.warn(
    { event: 'attempt.failed', code: failure.code, retryable: failure.retryable, err: failure },
    'attempt failed',
  );
  const size = byteLength(attempt.domainEvents);
  if (size > maxOutcomeBytes)
    attempt.log.warn(
      { event: 'attempt.domain_events_left_out', bytes: size },
      'domain events of a failed attempt left out, they are too large',
    );
  const domainEvents = size > maxOutcomeBytes ? [] : attempt.domainEvents;
  return { name: 'failed', failure, event: { $case: 'failed', value: { error: toJobError(failure), domainEvents } } };
}
