import type { JobSummary } from '../../api/types.js';
import { useLive } from '../../live/use-live.js';

/** Calls `listener` when a job of the kind has changed. */
export function useJobsOfKind(kind: string, listener: (jobs: JobSummary[]) => void): void {
  useLive<{ jobs: JobSummary[] }>('jobs', ({ jobs }) => {
    const own = jobs.filter((job) => job.kind === kind);
    if (own.length > 0) listener(own);
  });
}
