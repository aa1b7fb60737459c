import { catalogue, ErrorCode, JobError_Retry, jobKinds, type JobEvent, type JobFailed } from '@roundhouse/contracts';
import { storable } from '../storage/index.js';

/** An event with who sent it. */
export type ReportedEvent = JobEvent & { workerId: string };

/** As `maxCheckpointBytes` and `maxOutcomeBytes` of the worker, docs/worker-protocol.md. */
const mostCheckpointBytes = 64 * 1024;
const mostOutcomeBytes = 4 * 1024 * 1024;
const mostProgressText = 2_000;
/** Nobody waits longer; and times beyond the database's would make it refuse the events of everybody in the batch. */
const longestWaitSeconds = 366 * 86_400;
const latestTime = Date.UTC(9999, 11, 31);

/** Why a report is not believed, in words for the job's log; undefined: it is. Nothing is known of its job yet. */
export function faultOf({ event }: JobEvent): string | undefined {
  switch (event?.$case) {
    case 'progress': {
      const { percent } = event.value;
      return percent >= 0 && percent <= 100 ? undefined : `progress of ${percent} %: it must be 0 … 100`;
    }
    case 'checkpoint':
      return overweight('a checkpoint', event.value.data.length, mostCheckpointBytes);
    case 'succeeded': {
      const { result, followUps, domainEvents } = event.value;
      const parts = [...followUps, ...domainEvents].reduce((sum, { payload }) => sum + payload.length, 0);
      return overweight('a result with its follow-ups and events', result.length + parts, mostOutcomeBytes);
    }
    case 'failed': {
      const bytes = event.value.domainEvents.reduce((sum, { payload }) => sum + payload.length, 0);
      return overweight('the events of a failure', bytes, mostOutcomeBytes);
    }
    default:
      return undefined;
  }
}

/** What is left of a report of an attempt's own worker. An outcome that cannot be taken is one all the same: nobody reports another. */
export function withoutFault(event: ReportedEvent, fault: string): ReportedEvent | undefined {
  switch (event.event?.$case) {
    case 'succeeded':
      return { ...event, event: { $case: 'failed', value: unusable(fault) } };
    case 'failed':
      return { ...event, event: { $case: 'failed', value: { ...event.event.value, domainEvents: [] } } };
    default:
      return undefined;
  }
}

/** Instead of a success that brings nothing usable: another try would bring no more, and people have to look at it. */
export const unusable = (message: string): JobFailed => ({
  error: { code: ErrorCode.INTERNAL, message, retry: JobError_Retry.NO, retryAfter: undefined, field: '', stack: '' },
  domainEvents: [],
});

const overweight = (what: string, bytes: number, most: number): string | undefined =>
  bytes <= most ? undefined : `${what} of ${bytes} bytes: it may have ${most}`;

/** Why a result is none of its kind, or undefined. Kinds of another version of the contract cannot be judged. */
export function resultFault(kind: string, result: Uint8Array): string | undefined {
  const codec = jobKinds[kind as keyof typeof jobKinds] as
    { result: { decode(bytes: Uint8Array): unknown } } | undefined;
  if (!codec) return undefined;
  try {
    codec.result.decode(result);
    return undefined;
  } catch (error) {
    return `the result is not a ${catalogue.kind(kind)?.resultType}: ${(error as Error).message}`;
  }
}

/** With times, waits and texts within what can be stored. What is no time is left out. */
export function bounded(event: ReportedEvent): ReportedEvent {
  return {
    ...event,
    // As many as can be counted.
    attempt: Math.min(event.attempt, 2 ** 31 - 1),
    workerId: storable(event.workerId),
    traceparent: storable(event.traceparent),
    at: storableTime(event.at),
    ranFor: event.ranFor && boundedWait(event.ranFor),
    event: boundedEvent(event.event),
  };
}

function boundedEvent(event: JobEvent['event']): JobEvent['event'] {
  switch (event?.$case) {
    case 'progress':
      return { $case: 'progress', value: { ...event.value, message: event.value.message.slice(0, mostProgressText) } };
    case 'snoozed':
      return { $case: 'snoozed', value: { ...event.value, delay: boundedWait(event.value.delay) } };
    case 'throttled':
      return { $case: 'throttled', value: { ...event.value, retryAfter: boundedWait(event.value.retryAfter) } };
    case 'rateFeedback':
      return { $case: 'rateFeedback', value: { ...event.value, resetAfter: boundedWait(event.value.resetAfter) } };
    case 'failed': {
      const { error } = event.value;
      if (!error?.retryAfter) return event;
      return {
        $case: 'failed',
        value: { ...event.value, error: { ...error, retryAfter: boundedWait(error.retryAfter) } },
      };
    }
    case 'succeeded': {
      const followUps = event.value.followUps.map((each) => ({ ...each, runAt: storableTime(each.runAt) }));
      return { $case: 'succeeded', value: { ...event.value, followUps } };
    }
    default:
      return event;
  }
}

export const storableTime = (at: Date | undefined): Date | undefined =>
  at && at.getTime() > 0 && at.getTime() < latestTime ? at : undefined;

type Wait = { seconds: number; nanos: number };

function boundedWait<W extends Wait | undefined>(wait: W): W {
  if (!wait) return wait;
  if (!(wait.seconds >= 0 && wait.nanos >= 0 && wait.nanos < 1e9)) return { seconds: 0, nanos: 0 } as W;
  return wait.seconds > longestWaitSeconds ? ({ seconds: longestWaitSeconds, nanos: 0 } as W) : wait;
}
