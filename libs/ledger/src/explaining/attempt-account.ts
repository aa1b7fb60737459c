import type { HistoryFact } from './job-facts.js';

export interface AttemptAccount {
  attempt: number;
  worker: string | undefined;
  from: number;
  /** Undefined: it runs. */
  to: number | undefined;
  /** State that it left the job in. */
  ended: string | undefined;
  error: { code: string; message: string } | undefined;
}

/** The attempts that a history, oldest entry first, tells of. */
export function attemptsOf(entries: readonly HistoryFact[]): AttemptAccount[] {
  const attempts: AttemptAccount[] = [];
  for (const { type, attempt, at, detail } of entries) {
    const open = attempts.at(-1);
    if (open && open.to === undefined) {
      Object.assign(open, { to: at, ended: type, error: detail.error });
    }
    if (type === 'running')
      attempts.push({
        attempt,
        worker: typeof detail.worker === 'string' ? detail.worker : undefined,
        from: at,
        to: undefined,
        ended: undefined,
        error: undefined,
      });
  }
  return attempts;
}
