import type { FailureFacts } from './failure-policy.js';
import { assertAlive, claim, skew, type Claim } from './job-claim.js';
import { fail, lost, release } from './job-setback.js';
import { isFinal, type JobRules, type JobStatus } from './job-status.js';
import {
  block,
  change,
  expire,
  finish,
  isPast,
  park,
  requeue,
  runningDueAt,
  unchanged,
  type Transition,
} from './job-transition.js';
import type { Random } from './retry-delay.js';

/**
 * The state machine of a job: every change of state anywhere goes through `transition`. Pure, so that the ledger and the
 * simulation run the same code. Drawn in docs/job-lifecycle.md. Times are milliseconds of the database's clock.
 */
export type JobInput =
  | ({ type: 'claim' } & Claim)
  | { type: 'assert'; attempt: number }
  | { type: 'succeeded'; attempt: number }
  | { type: 'failed'; attempt: number; failure: FailureFacts }
  /** `progressed` undefined: handed back by a stopping worker, which says nothing about the job. */
  | { type: 'released'; attempt: number; progressed?: boolean }
  | { type: 'snoozed'; attempt: number; delayMs: number }
  /** A provider's limit: waits for the bucket without having spent an attempt. */
  | { type: 'throttled'; attempt: number; bucket: string; delayMs: number }
  | { type: 'discarded'; attempt: number }
  | { type: 'aborted'; attempt: number }
  | { type: 'report'; attempt: number }
  | { type: 'cancel' }
  | { type: 'poison' }
  /** The claim may not be granted now; `until` undefined: somebody will unblock it. */
  | { type: 'hold'; on: string; until?: number }
  | { type: 'unblock' }
  | { type: 'postpone'; runAt: number }
  | { type: 'discard' }
  | { type: 'unsupported' }
  /** `runAt` undefined or past: at once. */
  | { type: 'redrive'; runAt?: number }
  | { type: 'tick' };

const isCurrent = (status: JobStatus, attempt: number): boolean =>
  status.state === 'running' && status.attempt === attempt;

function cancel(status: JobStatus, now: number, rules: JobRules): Transition {
  if (status.state !== 'running') return finish(status, 'cancelled');
  if (status.cancelRequestedAt !== undefined) return unchanged(status);
  const asked = { ...status, cancelRequestedAt: now };
  return change(asked, { dueAt: runningDueAt(asked, rules) }, [{ type: 'stop_attempt', attempt: status.attempt }]);
}

function tick(status: JobStatus, now: number, rules: JobRules, random: Random): Transition {
  if (status.dueAt === undefined || status.dueAt > now) return unchanged(status);
  if (status.state === 'scheduled' || status.state === 'retrying' || status.state === 'blocked') {
    return isPast(status, now) ? expire(status) : requeue(status);
  }
  if (status.state !== 'running') return change(status, { dueAt: undefined });
  const cancelDeadline =
    status.cancelRequestedAt === undefined ? Infinity : status.cancelRequestedAt + rules.cancelGraceMs;
  if (cancelDeadline <= now) return finish(status, 'cancelled');
  return lost(status, now, rules, random);
}

export function transition(
  status: JobStatus,
  input: JobInput,
  now: number,
  rules: JobRules,
  random: Random = Math.random,
): Transition {
  if (input.type === 'claim') return claim(status, input, now, rules);
  if (input.type === 'redrive') return status.state === 'dead' ? revive(status, input.runAt, now) : unchanged(status);
  if (input.type === 'unsupported')
    return isFinal(status.state) ? unchanged(status, 'finished') : skew(status, now, rules);
  if (isFinal(status.state)) return unchanged(status);
  switch (input.type) {
    case 'assert':
      return assertAlive(status, input.attempt, now, rules);
    case 'succeeded':
      // The first success wins, whichever attempt it came from: the work is done.
      return input.attempt >= 1 && input.attempt <= status.attempt ? finish(status, 'succeeded') : unchanged(status);
    case 'failed':
      return isCurrent(status, input.attempt) ? fail(status, input.failure, now, rules, random) : unchanged(status);
    case 'released':
      return isCurrent(status, input.attempt)
        ? release(status, input.progressed, now, rules, random)
        : unchanged(status);
    case 'snoozed':
      if (!isCurrent(status, input.attempt)) return unchanged(status);
      return status.cancelRequestedAt === undefined ? park(status, now + input.delayMs) : finish(status, 'cancelled');
    case 'throttled':
      if (!isCurrent(status, input.attempt)) return unchanged(status);
      if (status.cancelRequestedAt !== undefined) return finish(status, 'cancelled');
      return block(status, `token:${input.bucket}`, now + input.delayMs);
    case 'discarded':
      return isCurrent(status, input.attempt) ? finish(status, 'cancelled') : unchanged(status);
    case 'aborted':
      return isCurrent(status, input.attempt) && status.cancelRequestedAt !== undefined
        ? finish(status, 'cancelled')
        : unchanged(status);
    case 'report':
      return isCurrent(status, input.attempt) ? change(status, {}) : unchanged(status);
    case 'cancel':
      return cancel(status, now, rules);
    case 'poison':
      // A running job is held by a worker that could read it: its lease decides.
      return status.state === 'running' ? unchanged(status) : finish(status, 'dead');
    case 'hold':
      // A job that waits already may be told for what or until when it does from now on.
      return status.state === 'queued' || status.state === 'retrying' || status.state === 'blocked'
        ? block(status, input.on, input.until)
        : unchanged(status);
    case 'unblock':
      return status.state === 'blocked' ? requeue(status) : unchanged(status);
    case 'postpone':
      return status.state === 'running' ? unchanged(status) : park(status, input.runAt);
    case 'discard':
      return status.state === 'running' ? unchanged(status) : finish(status, 'cancelled');
    case 'tick':
      return tick(status, now, rules, random);
  }
}

/** A dead job's second life: its counts start anew, its attempt number goes on so that old events stay fenced off. */
function revive(status: JobStatus, runAt: number | undefined, now: number): Transition {
  const fresh = {
    failures: 0,
    crashes: 0,
    idleResumes: 0,
    cancelRequestedAt: undefined,
    deadlineAt: undefined,
    skewSince: undefined,
  };
  return runAt !== undefined && runAt > now ? park(status, runAt, fresh) : requeue(status, { ...fresh, runAt: now });
}
