import { judgeFailure, type FailureFacts } from './failure-policy.js';
import { expire, finish, isPast, park, requeue, waitUntil, type Transition } from './job-transition.js';
import type { JobRules, JobStatus } from './job-status.js';
import type { Random } from './retry-delay.js';

export function fail(
  status: JobStatus,
  failure: FailureFacts,
  now: number,
  rules: JobRules,
  random: Random,
): Transition {
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

export function release(
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

export function lost(status: JobStatus, now: number, rules: JobRules, random: Random): Transition {
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
    return {
      ...finish({ ...status, crashes }, 'dead'),
      failure: { ...failure, code: 'POISON', retryable: false, message },
    };
  }
  if (crashes === 1) return { ...requeue(status, { crashes }), failure };
  // A process takes all its jobs along, the cause and its neighbours. They come back spread over a growing time, so that
  // they part and only the cause goes on crashing.
  const spreadMs = rules.crashSpreadMs * 2 ** (crashes - 2);
  return { ...park(status, now + Math.round(random() * spreadMs), { crashes }), failure };
}
