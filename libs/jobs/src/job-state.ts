import type { RetryPolicy } from '@roundhouse/contracts';
import type { FailureCode } from './job-failure.js';
import { retryDelayMs, type Random } from './retry-delay.js';
import { longestBrokerWaitMs } from './wait-level.js';

/**
 * The state machine of a job: every change of state anywhere goes through `transition`. Pure, so that the ledger and the
 * simulation run the same code. Drawn in docs/job-lifecycle.md. Times are milliseconds of the database's clock.
 */
export type JobState = 'scheduled' | 'queued' | 'running' | 'retrying' | 'blocked' | 'succeeded' | 'dead' | 'cancelled';

export const finalStates: readonly JobState[] = ['succeeded', 'dead', 'cancelled'];
export const isFinal = (state: JobState): boolean => finalStates.includes(state);

/** What the state machine reads and writes of a job. */
export interface JobStatus {
  state: JobState;
  /** Number of grants so far; fences events of older runs. */
  attempt: number;
  /** Attempts that failed; only these count against the policy. */
  failures: number;
  /** Attempts whose worker disappeared. */
  crashes: number;
  /** Not to be granted before. */
  runAt: number;
  /** When the ledger must look at the job again by itself; undefined = never. */
  dueAt: number | undefined;
  leaseUntil: number | undefined;
  /** A delivery of the running job came back; without a sign of life until then, it is taken over. */
  takeoverAt: number | undefined;
  cancelRequestedAt: number | undefined;
  workerId: string | undefined;
}

export interface FailureFacts {
  code: FailureCode;
  retryable: boolean;
  retryAfterMs: number | undefined;
}

export type JobInput =
  | { type: 'claim'; workerId: string; redelivered: boolean; graceMs: number }
  | { type: 'assert'; attempt: number }
  | { type: 'succeeded'; attempt: number }
  | { type: 'failed'; attempt: number; failure: FailureFacts }
  | { type: 'released'; attempt: number }
  | { type: 'aborted'; attempt: number }
  | { type: 'report'; attempt: number }
  | { type: 'cancel' }
  | { type: 'poison' }
  | { type: 'tick' };

export type JobEffect =
  /** Send a delivery out, after `delayMs` in wait queues. */
  | { type: 'dispatch'; delayMs: number }
  /** Tell the worker to stop this attempt. */
  | { type: 'stop_attempt'; attempt: number };

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

export interface JobRules {
  retry: RetryPolicy;
  leaseMs: number;
  /** Lost attempts after which a job is taken for the cause and is dead. */
  maxCrashes: number;
  /** How long a worker may take to stop a cancelled attempt before it is fenced off. */
  cancelGraceMs: number;
  /** A delivery that should have come out of a wait queue is sent again when overdue by this. */
  overdueMs: number;
}

export const defaultJobRules: Omit<JobRules, 'retry'> = {
  leaseMs: 30_000,
  maxCrashes: 5,
  cancelGraceMs: 30_000,
  overdueMs: 30_000,
};

const unchanged = (status: JobStatus, verdict?: ClaimVerdict): Transition => ({ status, changed: false, effects: [], verdict });

function change(status: JobStatus, patch: Partial<JobStatus>, effects: JobEffect[] = []): Transition {
  return { status: { ...status, ...patch }, changed: true, effects };
}

const notRunning = { leaseUntil: undefined, takeoverAt: undefined, workerId: undefined } as const;

function finish(status: JobStatus, state: 'succeeded' | 'dead' | 'cancelled'): Transition {
  return change(status, { state, dueAt: undefined, ...notRunning });
}

function requeue(status: JobStatus, patch: Partial<JobStatus> = {}): Transition {
  return change(status, { state: 'queued', dueAt: undefined, ...notRunning, ...patch }, [{ type: 'dispatch', delayMs: 0 }]);
}

/** The earliest moment at which a running job needs the ledger's attention. */
function runningDueAt(status: JobStatus, rules: JobRules): number {
  const cancelDeadline = status.cancelRequestedAt === undefined ? Infinity : status.cancelRequestedAt + rules.cancelGraceMs;
  return Math.min(status.leaseUntil ?? Infinity, status.takeoverAt ?? Infinity, cancelDeadline);
}

function waitUntil(status: JobStatus, runAt: number, now: number, rules: JobRules, patch: Partial<JobStatus>): Transition {
  const delayMs = Math.max(0, runAt - now);
  if (delayMs > longestBrokerWaitMs) {
    return change(status, { ...patch, state: 'retrying', runAt, dueAt: runAt, ...notRunning });
  }
  // The wait queues carry it; the ledger steps in only if they lose it.
  const dueAt = runAt + rules.overdueMs;
  return change(status, { ...patch, state: 'retrying', runAt, dueAt, ...notRunning }, [{ type: 'dispatch', delayMs }]);
}

function claim(status: JobStatus, input: Extract<JobInput, { type: 'claim' }>, now: number, rules: JobRules): Transition {
  if (isFinal(status.state)) return unchanged(status, 'finished');
  switch (status.state) {
    case 'queued':
      return grant(status, input.workerId, now, rules);
    case 'retrying':
      if (now >= status.runAt) return grant(status, input.workerId, now, rules);
      // Came out of a wait queue before its time: a delay is a sum of levels.
      if (status.runAt - now > longestBrokerWaitMs) return unchanged(status, 'parked');
      return { status, changed: false, effects: [{ type: 'dispatch', delayMs: status.runAt - now }], verdict: 'parked' };
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
  const leaseUntil = now + rules.leaseMs;
  const running: JobStatus = { ...status, state: 'running', attempt: status.attempt + 1, workerId, leaseUntil, takeoverAt: undefined };
  return { status: { ...running, dueAt: runningDueAt(running, rules) }, changed: true, effects: [], verdict: 'granted' };
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

const isCurrent = (status: JobStatus, attempt: number): boolean => status.state === 'running' && status.attempt === attempt;

function fail(status: JobStatus, failure: FailureFacts, now: number, rules: JobRules, random: Random): Transition {
  const failures = status.failures + 1;
  if (status.cancelRequestedAt !== undefined) return finish({ ...status, failures }, 'cancelled');
  if (!failure.retryable || failures >= rules.retry.maxAttempts) return finish({ ...status, failures }, 'dead');
  const delay = Math.max(retryDelayMs(rules.retry, failures, random), failure.retryAfterMs ?? 0);
  return waitUntil(status, now + delay, now, rules, { failures });
}

function lost(status: JobStatus, rules: JobRules): Transition {
  const crashes = status.crashes + 1;
  const failure = {
    code: 'LOST' as const,
    retryable: true,
    retryAfterMs: undefined,
    message: `The worker of attempt ${status.attempt} disappeared`,
  };
  if (status.cancelRequestedAt !== undefined) return { ...finish({ ...status, crashes }, 'cancelled'), failure };
  if (crashes >= rules.maxCrashes) {
    const message = `${crashes} workers disappeared while running this job; it is taken for the cause`;
    return { ...finish({ ...status, crashes }, 'dead'), failure: { ...failure, code: 'POISON', retryable: false, message } };
  }
  return { ...requeue(status, { crashes }), failure };
}

function cancel(status: JobStatus, now: number, rules: JobRules): Transition {
  if (status.state !== 'running') return finish(status, 'cancelled');
  if (status.cancelRequestedAt !== undefined) return unchanged(status);
  const asked = { ...status, cancelRequestedAt: now };
  return change(asked, { dueAt: runningDueAt(asked, rules) }, [{ type: 'stop_attempt', attempt: status.attempt }]);
}

function tick(status: JobStatus, now: number, rules: JobRules): Transition {
  if (status.dueAt === undefined || status.dueAt > now) return unchanged(status);
  if (status.state === 'scheduled' || status.state === 'retrying') return requeue(status);
  if (status.state !== 'running') return change(status, { dueAt: undefined });
  const cancelDeadline = status.cancelRequestedAt === undefined ? Infinity : status.cancelRequestedAt + rules.cancelGraceMs;
  if (cancelDeadline <= now) return finish(status, 'cancelled');
  return lost(status, rules);
}

export function transition(
  status: JobStatus,
  input: JobInput,
  now: number,
  rules: JobRules,
  random: Random = Math.random,
): Transition {
  if (input.type === 'claim') return claim(status, input, now, rules);
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
      if (!isCurrent(status, input.attempt)) return unchanged(status);
      return status.cancelRequestedAt === undefined ? requeue(status) : finish(status, 'cancelled');
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
    case 'tick':
      return tick(status, now, rules);
  }
}

/** A new job's first status and what to do for it. `runAt` ≤ now means at once. */
export function newJob(runAt: number, now: number): { status: JobStatus; effects: JobEffect[] } {
  const later = runAt > now;
  return {
    status: {
      state: later ? 'scheduled' : 'queued',
      attempt: 0,
      failures: 0,
      crashes: 0,
      runAt: later ? runAt : now,
      dueAt: later ? runAt : undefined,
      leaseUntil: undefined,
      takeoverAt: undefined,
      cancelRequestedAt: undefined,
      workerId: undefined,
    },
    effects: later ? [] : [{ type: 'dispatch', delayMs: 0 }],
  };
}
