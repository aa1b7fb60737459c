import type { JobState } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import { writeAudit } from '../tenancy/index.js';
import { inTransaction } from '../storage/index.js';
import { LockedJobs, type RulesOf } from '../records/index.js';
import { announceJobs, type ChangedJob, writeJobs } from '../transitions/index.js';

export interface CancellationOptions {
  onChanged(jobs: Iterable<ChangedJob>): void;
  /** Tells the worker to stop. */
  stop(jobId: string, attempt: number): void;
}

export interface CancelAnswer {
  state: JobState;
  /** True: the running attempt has been told to stop and the job will be cancelled when it has. */
  stopping: boolean;
  /** False: the job was over already, or being cancelled. */
  changed: boolean;
}

export class Cancellation {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: CancellationOptions,
  ) {}

  /**
   * Undefined: the tenant has no such job.
   * @param actor who asks; the audit log is told
   */
  async cancel(tenantId: string, jobId: string, actor?: string): Promise<CancelAnswer | undefined> {
    const outcome = await inTransaction(this.dataSource, async (tx) => {
      const locked = await LockedJobs.byId(tx, [jobId], this.rulesOf);
      const job = locked.get(jobId);
      if (job?.tenantId !== tenantId) return undefined;
      const { changed } = locked.apply(job, { type: 'cancel' });
      if (changed) locked.note(job, job.status.state === 'cancelled' ? 'cancelled' : 'cancel_requested');
      if (changed && actor) await writeAudit(tx, { tenantId, actor, action: 'job.cancel', subject: jobId });
      return { sets: await writeJobs(tx, locked, this.rulesOf), locked, job, changed };
    });
    if (!outcome) return undefined;
    const { locked, job, changed } = outcome;
    for (const { attempt } of locked.stopped) this.options.stop(jobId, attempt);
    announceJobs(outcome.sets, this.options);
    const { state, cancelRequestedAt } = job.status;
    return { state, changed, stopping: state === 'running' && cancelRequestedAt !== undefined };
  }
}
