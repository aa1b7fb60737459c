import type { RunStatus } from '@roundhouse/spreadsheets';

export const runStatuses = ['pending', 'processing', 'completed', 'failed', 'cancelled'] as const;

/** What the job says counts where the run itself did not get to say it: cancelled before it began, dead without a word. */
export interface JobSide {
  state: string;
  message: string;
}

export function openStatus(status: RunStatus, job: JobSide | undefined): RunStatus {
  if (status !== 'pending' && status !== 'processing') return status;
  if (job?.state === 'cancelled') return 'cancelled';
  return job?.state === 'dead' ? 'failed' : status;
}
