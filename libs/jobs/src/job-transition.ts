import type { FailureFacts } from './failure-policy.js';
import type { JobEffect, JobRules, JobStatus } from './job-status.js';
import { longestBrokerWaitMs } from './wait-level.js';

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

export const unchanged = (status: JobStatus, verdict?: ClaimVerdict): Transition => ({
  status,
  changed: false,
  effects: [],
  verdict,
});

export function change(status: JobStatus, patch: Partial<JobStatus>, effects: JobEffect[] = []): Transition {
  return { status: { ...status, ...patch }, changed: true, effects };
}

const notRunning = { leaseUntil: undefined, takeoverAt: undefined, workerId: undefined } as const;

export function finish(status: JobStatus, state: 'succeeded' | 'dead' | 'cancelled'): Transition {
  return change(status, { state, dueAt: undefined, blockedOn: undefined, ...notRunning });
}

/** Waits in the ledger, which sends it out when its time has come. */
export function park(status: JobStatus, runAt: number, patch: Partial<JobStatus> = {}): Transition {
  return change(status, { state: 'scheduled', runAt, dueAt: runAt, blockedOn: undefined, ...notRunning, ...patch });
}

export function block(status: JobStatus, on: string, until: number | undefined): Transition {
  return change(status, { state: 'blocked', blockedOn: on, dueAt: until, ...notRunning });
}

export const isPast = (status: JobStatus, at: number): boolean =>
  status.deadlineAt !== undefined && at > status.deadlineAt;

export function expire(status: JobStatus): Transition {
  const failure: Transition['failure'] = {
    code: 'DEADLINE_EXCEEDED',
    retryable: false,
    retryAfterMs: undefined,
    message: 'The deadline passed before the job had succeeded',
  };
  return { ...finish(status, 'dead'), failure };
}

export function requeue(status: JobStatus, patch: Partial<JobStatus> = {}): Transition {
  const queued = { state: 'queued', dueAt: undefined, blockedOn: undefined, ...notRunning, ...patch } as const;
  return change(status, queued, [{ type: 'dispatch', delayMs: 0 }]);
}

/** The earliest moment at which a running job needs the ledger's attention. */
export function runningDueAt(status: JobStatus, rules: JobRules): number {
  const cancelDeadline =
    status.cancelRequestedAt === undefined ? Infinity : status.cancelRequestedAt + rules.cancelGraceMs;
  return Math.min(status.leaseUntil ?? Infinity, status.takeoverAt ?? Infinity, cancelDeadline);
}

export function waitUntil(
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
