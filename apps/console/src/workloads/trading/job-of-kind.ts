import type { JobSummary } from '../../platform/api/index.js';
import { useLive } from '../../platform/live/index.js';

/** Calls `listener` when a job of the kind has changed. */
export function useJobsOfKind(kind: string, listener: (jobs: JobSummary[]) => void): void {
  useLive<{ jobs: JobSummary[] }>('jobs', ({ jobs }) => {
    const own = jobs.filter((job) => job.kind === kind);
    if (own.length > 0) listener(own);
  });
}
