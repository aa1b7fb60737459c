import type { ErrorRule, RetryPolicy } from '@roundhouse/contracts';

/** Where a job stands. What moves it is in job-state.ts. */
export const jobStates = [
  'scheduled',
  'queued',
  'running',
  'retrying',
  'blocked',
  'succeeded',
  'dead',
  'cancelled',
] as const;
export type JobState = (typeof jobStates)[number];

export const finalStates: readonly JobState[] = ['succeeded', 'dead', 'cancelled'];
export const isFinal = (state: JobState): boolean => finalStates.includes(state);

/** What the state machine reads and writes of a job. */
export interface JobStatus {
  state: JobState;
  /** Number of grants so far; fences events of older runs. */
  attempt: number;
  /** Attempts that failed; only these count against the policy. */
  failures: number;
  /** Attempts whose worker disappeared; from the second on the job is a suspect. None: it, or another one, was shown not to be the cause. */
  crashes: number;
  /** Those of them that ran alone. */
  loneCrashes: number;
  /** The running attempt has its process for itself. */
  alone: boolean;
  /** Not to be granted before. */
  runAt: number;
  /** When the ledger must look at the job again by itself; undefined = never. */
  dueAt: number | undefined;
  leaseUntil: number | undefined;
  /** A delivery of the running job came back; without a sign of life until then, it is taken over. */
  takeoverAt: number | undefined;
  cancelRequestedAt: number | undefined;
  workerId: string | undefined;
  /** No attempt starts after this. */
  deadlineAt: number | undefined;
  /** What a blocked job waits for: "slot:<key>", "token:<bucket>", "pause:<scope>:<value>", "dependency". */
  blockedOn: string | undefined;
  /** Since when only workers have turned up that cannot run it. */
  skewSince: number | undefined;
  /** Times the job was resumed and handed back without having got any further. */
  idleResumes: number;
}

export type JobEffect =
  /** Send a delivery out, after `delayMs` in wait queues. */
  /** `first`: ahead of everything of its tenant and priority. */
  | { type: 'dispatch'; delayMs: number; first?: true }
  /** Tell the worker to stop this attempt. */
  | { type: 'stop_attempt'; attempt: number };

export interface JobRules {
  retry: RetryPolicy;
  errorRules: readonly ErrorRule[];
  leaseMs: number;
  /** Lost attempts after which a job runs alone in its process: it or a neighbour may be the cause. */
  suspectFrom: number;
  /** Attempts lost while it ran alone after which a job is shown to be the cause, and is dead. */
  maxCrashes: number;
  /** How long a worker may take to stop a cancelled attempt before it is fenced off. */
  cancelGraceMs: number;
  /** A delivery that should have come out of a wait queue is sent again when overdue by this. */
  overdueMs: number;
  /** How often a job that no present worker can run is offered again, and for how long. */
  skewRetryMs: number;
  skewPatienceMs: number;
  /** Resumes without progress after which the attempt counts as failed. */
  maxIdleResumes: number;
}

export const defaultJobRules: Omit<JobRules, 'retry' | 'errorRules'> = {
  leaseMs: 30_000,
  suspectFrom: 2,
  maxCrashes: 2,
  cancelGraceMs: 30_000,
  overdueMs: 30_000,
  skewRetryMs: 15_000,
  skewPatienceMs: 3_600_000,
  maxIdleResumes: 10,
};

/** A new job's first status and what to do for it. `runAt` ≤ now means at once. */
export function newJob(runAt: number, now: number): { status: JobStatus; effects: JobEffect[] } {
  const later = runAt > now;
  return {
    status: {
      state: later ? 'scheduled' : 'queued',
      attempt: 0,
      failures: 0,
      crashes: 0,
      loneCrashes: 0,
      alone: false,
      runAt: later ? runAt : now,
      dueAt: later ? runAt : undefined,
      leaseUntil: undefined,
      takeoverAt: undefined,
      cancelRequestedAt: undefined,
      workerId: undefined,
      deadlineAt: undefined,
      blockedOn: undefined,
      skewSince: undefined,
      idleResumes: 0,
    },
    effects: later ? [] : [{ type: 'dispatch', delayMs: 0 }],
  };
}
