import { change, expire, finish, isPast, park, runningDueAt, unchanged, type Transition } from './job-transition.js';
import { isFinal, type JobRules, type JobStatus } from './job-status.js';
import { longestBrokerWaitMs } from './wait-level.js';

export interface Claim {
  workerId: string;
  redelivered: boolean;
  graceMs: number;
}

export function claim(status: JobStatus, input: Claim, now: number, rules: JobRules): Transition {
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

export function assertAlive(status: JobStatus, attempt: number, now: number, rules: JobRules): Transition {
  if (status.state !== 'running' || status.attempt !== attempt) return unchanged(status);
  const alive = { ...status, leaseUntil: now + rules.leaseMs, takeoverAt: undefined };
  return change(alive, { dueAt: runningDueAt(alive, rules) });
}

/** No worker that turned up can run it: a newer one may be on its way. Costs no attempt. */
export function skew(status: JobStatus, now: number, rules: JobRules): Transition {
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
