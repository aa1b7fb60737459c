import type { StoredHistoryEntry } from '../records/index.js';

/** One run of a job, as its history tells it. */
export interface JobAttempt {
  attempt: number;
  worker: string | null;
  startedAt: Date;
  /** Null: it is running. */
  endedAt: Date | null;
  /** State the job went into when the run was over. */
  outcome: string | null;
  error: { code: string; message: string } | null;
}

const ends = new Set(['succeeded', 'dead', 'cancelled', 'retrying', 'scheduled', 'queued', 'blocked']);

/** @param history of one job, oldest first */
export function attemptsOf(history: readonly StoredHistoryEntry[]): JobAttempt[] {
  const attempts = new Map<number, JobAttempt>();
  for (const { type, attempt, at, detail } of history) {
    if (type === 'running') {
      const worker = typeof detail?.worker === 'string' ? detail.worker : null;
      attempts.set(attempt, { attempt, worker, startedAt: at, endedAt: null, outcome: null, error: null });
      continue;
    }
    const run = attempts.get(attempt);
    if (!run || run.endedAt || !ends.has(type)) continue;
    run.endedAt = at;
    run.outcome = type;
    run.error = (detail?.error as JobAttempt['error']) ?? null;
  }
  return [...attempts.values()];
}
