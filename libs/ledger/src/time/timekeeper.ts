import { type Log, Rounds } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { Hearing } from '../claiming/index.js';
import { inTransaction } from '../storage/index.js';
import { type LockedJob, LockedJobs, type RulesOf } from '../records/index.js';
import { announceJobs, type ChangedJob, writeJobs } from '../transitions/index.js';

export interface TimekeeperOptions {
  onChanged(jobs: Iterable<ChangedJob>): void;
  onDispatch(): void;
  log: Log;
  /** @default 200 */
  intervalMs?: number;
}

const batchSize = 500;

/**
 * Does what is due: sends out scheduled jobs and long retries, takes back jobs whose worker is gone, ends cancelled
 * attempts that did not stop. Any number run side by side; each job is handled by one of them.
 */
export class Timekeeper {
  private readonly rounds: Rounds;
  private readonly hearing = new Hearing();

  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: TimekeeperOptions,
  ) {
    this.rounds = new Rounds(async () => (await this.handleDue()) === batchSize, {
      pauseMs: options.intervalMs ?? 200,
      onError: (error) => logLine(options.log, 'timekeeper.failed', { error: String(error) }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** Number of jobs handled. */
  async handleDue(): Promise<number> {
    const sets = await inTransaction(this.dataSource, async (tx) => {
      const due = await LockedJobs.due(tx, batchSize, this.rulesOf, { leases: await this.hearing.isGood(tx) });
      for (const job of due.all()) this.handle(due, job);
      return writeJobs(tx, due, this.rulesOf);
    });
    announceJobs(sets, this.options);
    return sets[0]?.all().length ?? 0;
  }

  private handle(due: LockedJobs, job: LockedJob): void {
    const { attempt, workerId, leaseUntil } = job.status;
    // A lease is renewed at every sign of life.
    const seenAt = leaseUntil === undefined ? undefined : leaseUntil - this.rulesOf(job.kind).leaseMs;
    const { changed, failure } = due.apply(job, { type: 'tick' });
    if (!changed) return;
    due.note(
      job,
      job.status.state,
      failure
        ? {
            error: { code: failure.code, message: failure.message },
            ...(seenAt !== undefined && { last_seen: new Date(seenAt).toISOString() }),
          }
        : { reason: 'due' },
    );
    if (failure)
      logLine(this.options.log, 'attempt.lost', { job_id: job.id, tenant: job.tenantId, attempt, worker: workerId });
  }
}
