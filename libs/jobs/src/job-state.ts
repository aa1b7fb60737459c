import { judgeFailure, type FailureFacts } from './failure-policy.js';
import { isFinal, type JobEffect, type JobRules, type JobStatus } from './job-status.js';
import type { Random } from './retry-delay.js';
import { longestBrokerWaitMs } from './wait-level.js';

/**
 * The state machine of a job: every change of state anywhere goes through `transition`. Pure, so that the ledger and the
 * simulation run the same code. Drawn in docs/job-lifecycle.md. Times are milliseconds of the database's clock.
 *
 * All of it stays in this one file, however long: whether an input is right in a state can be judged only beside the others, and
 * nothing outside of it may make a transition.
 */
export type JobInput =
  | { type: 'claim'; workerId: string; redelivered: boolean; graceMs: number }
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
  /** The claim may not be granted before others of its queue have had their turn: back to the front of its lane. */
  | { type: 'yield' }
  | { type: 'unblock' }
  | { type: 'postpone'; runAt: number }
  | { type: 'discard' }
  | { type: 'unsupported' }
  /** `runAt` undefined or past: at once. */
  | { type: 'redrive'; runAt?: number }
  /** `company`: its worker is lost together with other jobs, so that it cannot have been alone. */
  | { type: 'tick'; company?: boolean };

export type ClaimVerdict = 'granted' | 'finished' | 'running' | 'parked';

export interface Transition {
  status: JobStatus;
  /** False: the input is out of date or repeats what is known; nothing is to be written. */
  changed: boolean;
  effects: JobEffect[];
  verdict?: ClaimVerdict;
  /** Why a job became dead or was sent back, when the ledger itself decided it. */
  failure?: FailureFacts & { message: string };
}

const unchanged = (status: JobStatus, verdict?: ClaimVerdict): Transition => ({
  status,
  changed: false,
  effects: [],
  verdict,
});

function change(status: JobStatus, patch: Partial<JobStatus>, effects: JobEffect[] = []): Transition {
  return { status: { ...status, ...patch }, changed: true, effects };
}

const notRunning = { leaseUntil: undefined, takeoverAt: undefined, workerId: undefined, alone: false } as const;

function finish(status: JobStatus, state: 'succeeded' | 'dead' | 'cancelled'): Transition {
  return change(status, { state, dueAt: undefined, blockedOn: undefined, ...notRunning });
}

/** Waits in the ledger, which sends it out when its time has come. */
function park(status: JobStatus, runAt: number, patch: Partial<JobStatus> = {}): Transition {
  return change(status, { state: 'scheduled', runAt, dueAt: runAt, blockedOn: undefined, ...notRunning, ...patch });
}

function block(status: JobStatus, on: string, until: number | undefined): Transition {
  return change(status, { state: 'blocked', blockedOn: on, dueAt: until, ...notRunning });
}

const isPast = (status: JobStatus, at: number): boolean => status.deadlineAt !== undefined && at > status.deadlineAt;

function expire(status: JobStatus): Transition {
  const failure: Transition['failure'] = {
    code: 'DEADLINE_EXCEEDED',
    retryable: false,
    retryAfterMs: undefined,
    message: 'The deadline passed before the job had succeeded',
  };
  return { ...finish(status, 'dead'), failure };
}

function requeue(status: JobStatus, patch: Partial<JobStatus> = {}): Transition {
  const queued = { state: 'queued', dueAt: undefined, blockedOn: undefined, ...notRunning, ...patch } as const;
  return change(status, queued, [{ type: 'dispatch', delayMs: 0 }]);
}

/** The earliest moment at which a running job needs the ledger's attention. */
function runningDueAt(status: JobStatus, rules: JobRules): number {
  const cancelDeadline =
    status.cancelRequestedAt === undefined ? Infinity : status.cancelRequestedAt + rules.cancelGraceMs;
  return Math.min(status.leaseUntil ?? Infinity, status.takeoverAt ?? Infinity, cancelDeadline);
}

function waitUntil(
  status: JobStatus,
  runAt: number,
  now: number,
  rules: JobRules,
  patch: Partial<JobStatus>,
): Transition {
  const delayMs = Math.max(0, runAt - now);
  if (delayMs > longestBrokerWaitMs) {
    return change(status, { ...patch, state: 'retrying', runAt, dueAt: runAt, ...notRunning });
  }
  // The wait queues carry it; the ledger steps in only if they lose it.
  const dueAt = runAt + rules.overdueMs;
  return change(status, { ...patch, state: 'retrying', runAt, dueAt, ...notRunning }, [{ type: 'dispatch', delayMs }]);
}

function claim(
  status: JobStatus,
  input: Extract<JobInput, { type: 'claim' }>,
  now: number,
  rules: JobRules,
): Transition {
  if (isFinal(status.state)) return unchanged(status, 'finished');
  switch (status.state) {
    case 'queued':
      return grant(status, input.workerId, now, rules);
    case 'retrying':
      if (now >= status.runAt) return grant(status, input.workerId, now, rules);
      // Came out of a wait queue before its time: a delay is a sum of levels.
      if (status.runAt - now > longestBrokerWaitMs) return unchanged(status, 'parked');
      return {
        status,
        changed: false,
        effects: [{ type: 'dispatch', delayMs: status.runAt - now }],
        verdict: 'parked',
      };
    case 'running':
      if (status.workerId === input.workerId) {
        // A worker never claims what it runs, so the answer to its earlier claim was lost.
        return grant(status, input.workerId, now, rules);
      }
      if (!input.redelivered) return unchanged(status, 'running');
      return watchForTakeover(status, now + input.graceMs, rules);
    default:
      return unchanged(status, 'parked');
  }
}

function grant(status: JobStatus, workerId: string, now: number, rules: JobRules): Transition {
  if (isPast(status, now)) return { ...expire(status), verdict: 'finished' };
  const leaseUntil = now + rules.leaseMs;
  const running: JobStatus = {
    ...status,
    state: 'running',
    attempt: status.attempt + 1,
    workerId,
    leaseUntil,
    takeoverAt: undefined,
    skewSince: undefined,
    alone: status.crashes >= rules.suspectFrom,
  };
  return {
    status: { ...running, dueAt: runningDueAt(running, rules) },
    changed: true,
    effects: [],
    verdict: 'granted',
  };
}

function watchForTakeover(status: JobStatus, takeoverAt: number, rules: JobRules): Transition {
  const watched = { ...status, takeoverAt: Math.min(takeoverAt, status.takeoverAt ?? Infinity) };
  return { ...change(watched, { dueAt: runningDueAt(watched, rules) }), verdict: 'parked' };
}

function assertAlive(status: JobStatus, attempt: number, now: number, rules: JobRules): Transition {
  if (status.state !== 'running' || status.attempt !== attempt) return unchanged(status);
  const alive = { ...status, leaseUntil: now + rules.leaseMs, takeoverAt: undefined };
  return change(alive, { dueAt: runningDueAt(alive, rules) });
}

const isCurrent = (status: JobStatus, attempt: number): boolean =>
  status.state === 'running' && status.attempt === attempt;

function fail(before: JobStatus, failure: FailureFacts, now: number, rules: JobRules, random: Random): Transition {
  // It has ended by itself with nobody beside it: whatever took its workers down was somebody else.
  const status = before.alone ? { ...before, crashes: 0, loneCrashes: 0 } : before;
  const failures = status.failures + 1;
  if (status.cancelRequestedAt !== undefined) return finish({ ...status, failures }, 'cancelled');
  const verdict = judgeFailure(failure, failures, rules, random);
  switch (verdict.type) {
    case 'dead':
      return finish({ ...status, failures }, 'dead');
    case 'discard':
      return finish({ ...status, failures }, 'cancelled');
    case 'snooze':
      return park(status, now + verdict.delayMs);
    case 'retry':
      if (isPast(status, now + verdict.delayMs)) return expire({ ...status, failures });
      return waitUntil(status, now + verdict.delayMs, now, rules, { failures });
  }
}

function release(
  status: JobStatus,
  progressed: boolean | undefined,
  now: number,
  rules: JobRules,
  random: Random,
): Transition {
  if (status.cancelRequestedAt !== undefined) return finish(status, 'cancelled');
  if (progressed === undefined) return requeue(status);
  const idleResumes = progressed ? 0 : status.idleResumes + 1;
  if (idleResumes <= rules.maxIdleResumes) return requeue(status, { idleResumes });
  const message = `Resumed ${idleResumes} times without getting any further`;
  const failure = { code: 'INTERNAL' as const, retryable: true, retryAfterMs: undefined };
  return { ...fail({ ...status, idleResumes: 0 }, failure, now, rules, random), failure: { ...failure, message } };
}

/** Only what might be granted has a turn to give away; it keeps its place among those that are like it. */
function giveWay(status: JobStatus, now: number): Transition {
  const mayRun = status.state === 'queued' || (status.state === 'retrying' && now >= status.runAt);
  if (!mayRun) return unchanged(status);
  return { ...requeue(status), effects: [{ type: 'dispatch', delayMs: 0, first: true }], verdict: 'parked' };
}

/** No worker that turned up can run it: a newer one may be on its way. Costs no attempt. */
function skew(status: JobStatus, now: number, rules: JobRules): Transition {
  if (status.state !== 'queued' && status.state !== 'retrying') return unchanged(status, 'parked');
  const skewSince = status.skewSince ?? now;
  if (now - skewSince < rules.skewPatienceMs) {
    // A retry that came out of a wait queue early keeps the time it has to wait.
    const runAt = Math.max(status.runAt, now + rules.skewRetryMs);
    return { ...park(status, runAt, { skewSince }), verdict: 'parked' };
  }
  const message = `No worker that supports this job came within ${rules.skewPatienceMs / 60_000} min`;
  const failure = { code: 'POISON' as const, retryable: false, retryAfterMs: undefined, message };
  return { ...finish(status, 'dead'), failure, verdict: 'finished' };
}

/** A process takes all its jobs along, the cause and its neighbours: nobody dies of a crash that it was not shown to cause. */
function lost(before: JobStatus, company: boolean, rules: JobRules): Transition {
  const crashes = before.crashes + 1;
  const loneCrashes = before.loneCrashes + (before.alone && !company ? 1 : 0);
  const status = { ...before, crashes, loneCrashes };
  const failure = {
    code: 'LOST' as const,
    retryable: true,
    retryAfterMs: undefined,
    message: `The worker of attempt ${status.attempt} disappeared`,
  };
  if (status.cancelRequestedAt !== undefined) return { ...finish(status, 'cancelled'), failure };
  if (loneCrashes > before.loneCrashes && loneCrashes >= rules.maxCrashes) {
    const times = loneCrashes === 2 ? 'twice' : `${loneCrashes} times`;
    const message = `It crashed alone ${times}: its worker disappeared while it ran this job and no other`;
    return { ...finish(status, 'dead'), failure: { ...failure, code: 'POISON', retryable: false, message } };
  }
  return { ...requeue(status), failure };
}

function cancel(status: JobStatus, now: number, rules: JobRules): Transition {
  if (status.state !== 'running') return finish(status, 'cancelled');
  if (status.cancelRequestedAt !== undefined) return unchanged(status);
  const asked = { ...status, cancelRequestedAt: now };
  return change(asked, { dueAt: runningDueAt(asked, rules) }, [{ type: 'stop_attempt', attempt: status.attempt }]);
}

function tick(status: JobStatus, company: boolean, now: number, rules: JobRules): Transition {
  if (status.dueAt === undefined || status.dueAt > now) return unchanged(status);
  if (status.state === 'scheduled' || status.state === 'retrying' || status.state === 'blocked') {
    return isPast(status, now) ? expire(status) : requeue(status);
  }
  if (status.state !== 'running') return change(status, { dueAt: undefined });
  const cancelDeadline =
    status.cancelRequestedAt === undefined ? Infinity : status.cancelRequestedAt + rules.cancelGraceMs;
  if (cancelDeadline <= now) return finish(status, 'cancelled');
  return lost(status, company, rules);
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
    case 'yield':
      return giveWay(status, now);
    case 'unblock':
      return status.state === 'blocked' ? requeue(status) : unchanged(status);
    case 'postpone':
      return status.state === 'running' ? unchanged(status) : park(status, input.runAt);
    case 'discard':
      return status.state === 'running' ? unchanged(status) : finish(status, 'cancelled');
    case 'tick':
      return tick(status, input.company === true, now, rules);
  }
}

/** A dead job's second life: its counts start anew, its attempt number goes on so that old events stay fenced off. */
function revive(status: JobStatus, runAt: number | undefined, now: number): Transition {
  const fresh = {
    failures: 0,
    crashes: 0,
    loneCrashes: 0,
    idleResumes: 0,
    cancelRequestedAt: undefined,
    deadlineAt: undefined,
    skewSince: undefined,
  };
  return runAt !== undefined && runAt > now ? park(status, runAt, fresh) : requeue(status, { ...fresh, runAt: now });
}
