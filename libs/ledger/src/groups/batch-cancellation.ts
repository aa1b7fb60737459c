import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { announceJobs, batchColumns, type CountedBatch, settleBatches, writeJobs } from '../transitions/index.js';
import type { CancellationOptions } from '../commands/index.js';
import { inTransaction } from '../storage/index.js';
import { LockedJobs, type RulesOf } from '../records/index.js';

export interface BatchCancellationOptions extends CancellationOptions {
  onDispatch(): void;
  log: Log;
  /** How often cancellations that somebody else has left unfinished are looked for. @default 5000 */
  intervalMs?: number;
}

const stepSize = 500;
const beforeAll = '00000000-0000-0000-0000-000000000000';

/**
 * Cancels batches and workflows. The request only marks the batch, which closes it to new jobs; the jobs follow in steps
 * of bounded size, by any number of processes side by side, and whoever stops in the middle is carried on for.
 */
export class BatchCancellation {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: BatchCancellationOptions,
  ) {}

  start(): void {
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** False: the tenant has no such batch. Resolves when the batch is marked; its jobs follow. */
  async request(tenantId: string, batchId: string): Promise<boolean> {
    const found = await inTransaction(this.dataSource, async (tx) => {
      const [rows] = await tx.query<[CountedBatch[], number]>(
        `update ledger.batches b set sealed = true, cancel_requested_at = coalesce(b.cancel_requested_at, clock_timestamp())
         where b.id = $1 and b.tenant_id = $2 and b.finished_at is null returning ${batchColumns}`,
        [batchId, tenantId],
      );
      await settleBatches(tx, rows);
      if (rows.length > 0) return true;
      const known = await tx.query<unknown[]>(`select from ledger.batches where id = $1 and tenant_id = $2`, [
        batchId,
        tenantId,
      ]);
      return known.length > 0;
    });
    if (found) this.wake();
    return found;
  }

  /** Carries all cancellations under way as far as it can; jobs that somebody else holds are left for the next time. */
  async run(): Promise<void> {
    const batches = await this.dataSource.query<{ id: string }[]>(
      `select id from ledger.batches where cancel_requested_at is not null and finished_at is null order by id`,
    );
    for (const { id } of batches) {
      for (let after: string | undefined = beforeAll; after && !this.stopping;) after = await this.step(id, after);
    }
  }

  /** Cancels the next jobs of the batch; answers where to go on, or undefined behind its last job. */
  private async step(batchId: string, after: string): Promise<string | undefined> {
    const { locked, sets } = await inTransaction(this.dataSource, async (tx) => {
      const jobs = await LockedJobs.cancellable(tx, batchId, after, stepSize, this.rulesOf);
      for (const job of jobs.all()) {
        if (!jobs.apply(job, { type: 'cancel' }).changed) continue;
        jobs.note(job, job.status.state === 'cancelled' ? 'cancelled' : 'cancel_requested', { reason: 'batch' });
      }
      return { locked: jobs, sets: await writeJobs(tx, jobs, this.rulesOf) };
    });
    for (const { jobId, attempt } of locked.stopped) this.options.stop(jobId, attempt);
    announceJobs(sets, this.options);
    const all = locked.all();
    return all.length === stepSize ? all.at(-1)?.id : undefined;
  }

  private wake(): void {
    if (this.running) this.again = true;
    else this.turn();
  }

  private turn(): void {
    clearTimeout(this.timer);
    this.running = this.run()
      .catch((error: unknown) => logLine(this.options.log, 'batch.not_cancelled', { error: String(error) }))
      .finally(() => {
        this.running = undefined;
        if (this.stopping) return;
        if (!this.again) return this.schedule();
        this.again = false;
        this.turn();
      });
  }

  private schedule(): void {
    this.timer = setTimeout(() => this.turn(), this.options.intervalMs ?? 5_000);
  }
}
