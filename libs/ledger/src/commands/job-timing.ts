import type { JobState } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import { writeAudit } from '../tenancy/index.js';
import { inTransaction } from '../storage/index.js';
import { type LockedJob, LockedJobs, type RulesOf } from '../records/index.js';
import { announceJobs, type ChangedJob, writeJobs } from '../transitions/index.js';

export interface JobTimingOptions {
  onChanged(jobs: Iterable<ChangedJob>): void;
  onDispatch(): void;
}

export interface MoveAnswer {
  state: JobState;
  runAt: Date;
  /** Why it was not done: the job runs, is over, or waits for something that a time does not bring. */
  refused?: string;
}

/** When jobs that wait are to run: moves them, or runs them at once. */
export class JobTiming {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: JobTimingOptions,
  ) {}

  /**
   * To another time; one that is not in the future means at once. Undefined: the tenant has no such job.
   * @param actor who asks; the audit log is told
   */
  async reschedule(tenantId: string, jobId: string, runAt: Date, actor: string): Promise<MoveAnswer | undefined> {
    const audit = { tenantId, actor, action: 'job.reschedule', subject: jobId };
    return this.move(tenantId, jobId, { ...audit, detail: { run_at: runAt.toISOString() } }, runAt);
  }

  /** At once; a job that is queued already stays so. Undefined: the tenant has no such job. */
  async runNow(tenantId: string, jobId: string, actor: string): Promise<MoveAnswer | undefined> {
    return this.move(tenantId, jobId, { tenantId, actor, action: 'job.run_now', subject: jobId }, undefined);
  }

  private async move(
    tenantId: string,
    jobId: string,
    audit: Parameters<typeof writeAudit>[1],
    runAt: Date | undefined,
  ): Promise<MoveAnswer | undefined> {
    const outcome = await inTransaction(this.dataSource, async (tx) => {
      const locked = await LockedJobs.byId(tx, [jobId], this.rulesOf);
      const job = locked.get(jobId);
      if (job?.tenantId !== tenantId) return undefined;
      const refused = refusal(job, runAt);
      if (refused === undefined && movable(job, runAt)) {
        const at = Math.max(runAt?.getTime() ?? 0, locked.now);
        locked.apply(job, { type: 'postpone', runAt: at });
        // What is due is sent out right here instead of by the next timekeeper.
        if (at <= locked.now) locked.apply(job, { type: 'tick' });
        job.rateReserved = false;
        const { state } = job.status;
        const reason = runAt ? 'rescheduled' : 'run now';
        locked.note(job, state, { reason, run_at: new Date(job.status.runAt).toISOString() });
        await writeAudit(tx, audit);
      }
      return { sets: await writeJobs(tx, locked, this.rulesOf), job, refused };
    });
    if (!outcome) return undefined;
    announceJobs(outcome.sets, this.options);
    const { state, runAt: at } = outcome.job.status;
    return { state, runAt: new Date(at), refused: outcome.refused };
  }
}

/** Queued and to be run at once: nothing is to be done. */
const movable = ({ status }: LockedJob, runAt: Date | undefined): boolean =>
  status.state !== 'queued' || runAt !== undefined;

function refusal({ status }: LockedJob, runAt: Date | undefined): string | undefined {
  const { state, blockedOn } = status;
  switch (state) {
    case 'scheduled':
    case 'queued':
    case 'retrying':
      return undefined;
    case 'blocked':
      if (blockedOn?.startsWith('dependency')) return 'it waits for other jobs, not for a time';
      return runAt ? undefined : `it may run already and waits for ${blockedOn ?? 'something'}`;
    default:
      return state === 'running' ? 'it is running' : `it is ${state}`;
  }
}
