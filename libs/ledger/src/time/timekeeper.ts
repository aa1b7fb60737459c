import { type Log, Rounds } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { clearSuspects } from './clear-suspects.js';
import type { EventsMark } from './events-mark.js';
import { Hearing } from '../claiming/index.js';
import { inTransaction } from '../storage/index.js';
import { type LockedJob, LockedJobs, type RulesOf } from '../records/index.js';
import { announceJobs, type ChangedJob, writeJobs } from '../transitions/index.js';

export interface TimekeeperOptions {
  onChanged(jobs: Iterable<ChangedJob>): void;
  onDispatch(): void;
  log: Log;
  /** @default reports are applied the moment they are made */
  mark?: Pick<EventsMark, 'appliedTo'>;
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
      const leases = { heard: await this.hearing.isGood(tx), until: await this.options.mark?.appliedTo(tx) };
      const due = await LockedJobs.due(tx, batchSize, this.rulesOf, leases);
      const crowded = workersOfSeveral(due.all());
      for (const job of due.all()) this.handle(due, job, crowded);
      return writeJobs(tx, due, this.rulesOf);
    });
    announceJobs(sets, this.options);
    const named =
      sets[0]?.all().filter(({ status, error }) => status.state === 'dead' && error?.code === 'POISON') ?? [];
    await clearSuspects(
      this.dataSource,
      named.map(({ id }) => id),
    );
    return sets[0]?.all().length ?? 0;
  }

  private handle(due: LockedJobs, job: LockedJob, crowded: ReadonlySet<string>): void {
    const { attempt, workerId, leaseUntil } = job.status;
    // A lease is renewed at every sign of life.
    const seenAt = leaseUntil === undefined ? undefined : leaseUntil - this.rulesOf(job.kind).leaseMs;
    const company = workerId !== undefined && crowded.has(workerId);
    const { changed, failure } = due.apply(job, { type: 'tick', company });
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

/** A worker of which several jobs are due at once had none of them alone, whatever it was told: not every worker is ours. */
function workersOfSeveral(jobs: readonly LockedJob[]): Set<string> {
  const seen = new Set<string>();
  const several = new Set<string>();
  for (const { status } of jobs) {
    if (status.workerId === undefined) continue;
    if (seen.has(status.workerId)) several.add(status.workerId);
    seen.add(status.workerId);
  }
  return several;
}
