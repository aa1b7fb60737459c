import {
  catalogue,
  ErrorCode,
  JobError_Retry,
  JobReleased_Reason,
  type JobError,
  type JobEvent,
  type JobFailed,
  type JobThrottled,
} from '@roundhouse/contracts';
import { retriedByDefault, type FailureCode, type Transition } from '@roundhouse/jobs';
import { gatherDomainEvents, gatherFollowUp, type Consequences } from './consequences.js';
import { storable, type StoredError } from '../storage/index.js';
import type { LockedJob, LockedJobs } from '../records/index.js';
import { resultFault, unusable } from './scrutiny.js';
import { bucketKey, tokenWait, waitsFor } from '../limits/index.js';

/** Characters; as the Node worker sends. */
const mostMessage = 10_000;
const mostStack = 50_000;

/** A provider that asks for silence without saying for how long gets this. */
const defaultThrottleMs = 60_000;

/** Applies one event to its locked job. One that is out of date changes nothing. */
export function applyEvent(locked: LockedJobs, job: LockedJob, message: JobEvent, gathered: Consequences): void {
  const { attempt, event } = message;
  switch (event?.$case) {
    case 'succeeded': {
      const { result, followUps, domainEvents } = event.value;
      const fault = resultFault(job.kind, result);
      if (fault !== undefined) return applyFailure(locked, job, message, unusable(fault), gathered);
      if (!locked.apply(job, { type: 'succeeded', attempt }, { result, error: null, progress: 100 }).changed) return;
      locked.note(job, 'succeeded', handlerEnd(message));
      for (const followUp of followUps) gatherFollowUp(job, followUp, message.traceparent, gathered);
      gatherDomainEvents(job, domainEvents, gathered);
      return;
    }
    case 'failed':
      return applyFailure(locked, job, message, event.value, gathered);
    case 'released': {
      const timeSlice = event.value.reason === JobReleased_Reason.TIME_SLICE;
      const progressed = timeSlice ? job.checkpointAttempt === attempt : undefined;
      const outcome = locked.apply(job, { type: 'released', attempt, progressed });
      if (outcome.changed)
        locked.note(job, job.status.state, { reason: timeSlice ? 'time_slice' : 'released', ...handlerEnd(message) });
      return;
    }
    case 'snoozed': {
      const delayMs = durationMs(event.value.delay) ?? 0;
      if (!locked.apply(job, { type: 'snoozed', attempt, delayMs }).changed) return;
      locked.note(job, job.status.state, {
        reason: 'snoozed',
        message: storable(event.value.reason),
        ...handlerEnd(message),
      });
      return;
    }
    case 'throttled':
      return applyThrottle(locked, job, message, event.value, gathered);
    case 'discarded':
      if (!locked.apply(job, { type: 'discarded', attempt }).changed) return;
      locked.note(job, 'cancelled', {
        reason: 'discarded',
        message: storable(event.value.reason),
        ...handlerEnd(message),
      });
      return;
    case 'rateFeedback': {
      const forMs = durationMs(event.value.resetAfter) ?? 0;
      if (event.value.remaining === 0 && forMs > 0) pause(job, event.value.bucket, forMs, gathered);
      return;
    }
    case 'cancelled':
      if (locked.apply(job, { type: 'aborted', attempt }).changed) locked.note(job, 'cancelled', handlerEnd(message));
      return;
    case 'progress': {
      const { percent, message: said } = event.value;
      const text = storable(said);
      const patch = { progress: percent, progressMessage: text };
      if (locked.apply(job, { type: 'report', attempt }, patch).changed)
        locked.note(job, 'progress', { percent, message: text });
      return;
    }
    case 'checkpoint':
      locked.apply(job, { type: 'report', attempt }, { checkpoint: event.value.data, checkpointAttempt: attempt });
      return;
    case 'emitted':
      if (locked.preview(job, { type: 'report', attempt }).changed) gatherDomainEvents(job, [event.value], gathered);
      return;
    case 'logged': // stored apart from the job
    case undefined:
      return; // an event of a newer contract: this version has no use for it
  }
}

/** When the handler ended, by the worker's clock: it tells running from reporting. */
const handlerEnd = ({ at, ranFor }: JobEvent): { ended_at?: string; ran_ms?: number } => ({
  ...(at && { ended_at: at.toISOString() }),
  // By no clock at all: bounds what a wrong clock can make of `ended_at`.
  ...(ranFor && { ran_ms: durationMs(ranFor) }),
});

const durationMs = (duration: { seconds: number; nanos: number } | undefined): number | undefined =>
  duration && duration.seconds * 1000 + duration.nanos / 1e6;

function storedError(error: JobError | undefined): StoredError & { code: FailureCode } {
  const name = ErrorCode[error?.code ?? ErrorCode.INTERNAL] as FailureCode | 'UNSPECIFIED' | 'UNRECOGNIZED' | undefined;
  const code = name === undefined || name === 'UNSPECIFIED' || name === 'UNRECOGNIZED' ? 'INTERNAL' : name;
  return {
    code,
    message: storable((error?.message ?? '').slice(0, mostMessage)),
    retryable: retriesOf(error) ?? retriedByDefault[code],
    field: error?.field ? storable(error.field) : undefined,
    stack: error?.stack ? storable(error.stack.slice(0, mostStack)) : undefined,
  };
}

function retriesOf(error: JobError | undefined): boolean | undefined {
  if (error?.retry === JobError_Retry.YES) return true;
  return error?.retry === JobError_Retry.NO ? false : undefined;
}

function applyFailure(
  locked: LockedJobs,
  job: LockedJob,
  message: JobEvent,
  reported: JobFailed,
  gathered: Consequences,
): void {
  const error = storedError(reported.error);
  const failure = {
    code: error.code,
    retryable: error.retryable,
    retryAfterMs: durationMs(reported.error?.retryAfter),
  };
  const outcome = locked.apply(job, { type: 'failed', attempt: message.attempt, failure }, { error });
  if (!outcome.changed) return;
  noteFailure(locked, job, outcome, error, handlerEnd(message));
  gatherDomainEvents(job, reported.domainEvents, gathered);
}

function noteFailure(
  locked: LockedJobs,
  job: LockedJob,
  { status, failure }: Transition,
  error: StoredError,
  ended: object,
): void {
  const { code, message } = failure ?? error;
  const waits = status.state === 'retrying' || status.state === 'scheduled';
  locked.note(job, status.state, {
    error: { code, message },
    ...(waits && { run_at: new Date(status.runAt).toISOString() }),
    ...ended,
  });
}

function applyThrottle(
  locked: LockedJobs,
  job: LockedJob,
  message: JobEvent,
  { bucket, retryAfter }: JobThrottled,
  gathered: Consequences,
): void {
  const delayMs = durationMs(retryAfter) ?? defaultThrottleMs;
  const key = pause(job, bucket, delayMs, gathered);
  if (!locked.apply(job, { type: 'throttled', attempt: message.attempt, bucket: key, delayMs }).changed) return;
  // Whoever waits for the kind's own bucket anyway does so in the order of age, this job among the first.
  if (waitsFor(job, key)) locked.apply(job, { type: 'hold', on: tokenWait(key) });
  locked.note(job, job.status.state, {
    on: tokenWait(key),
    until: new Date(locked.now + delayMs).toISOString(),
    ...handlerEnd(message),
  });
}

/** Slows every worker of the bucket down. A bucket that the kind does not name is made with a careful pace. */
function pause(job: LockedJob, bucket: string, forMs: number, gathered: Consequences): string {
  const rule = catalogue.kind(job.kind)?.rate;
  const named = bucket === '' || bucket === rule?.bucket ? rule : undefined;
  const { perSecond = 1, burst = 1, acrossTenants = false } = named ?? {};
  const key = bucketKey(job.tenantId, { bucket: storable(bucket || rule?.bucket || job.kind), acrossTenants });
  gathered.pausedBuckets.push({ key, rule: { perSecond, burst }, forMs });
  return key;
}
