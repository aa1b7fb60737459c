import type { LockedJob, LockedJobs } from './locked-jobs.js';

const mostRemembered = 10_000;

/**
 * Says in a job's log what was not believed of a report, once for each attempt and reason: a worker that goes on reporting the same must not fill the history.
 * Which was said is remembered by each process for itself, and not for ever.
 */
export class Refusals {
  private readonly said = new Set<string>();

  note(
    locked: LockedJobs,
    job: LockedJob,
    { attempt, workerId }: { attempt: number; workerId: string },
    why: string,
  ): void {
    const key = `${job.id} ${attempt} ${why}`;
    if (this.said.has(key)) return;
    if (this.said.size >= mostRemembered) this.said.clear();
    this.said.add(key);
    locked.note(job, 'refused', { message: why, by: workerId });
  }
}
