import { type Log, Rounds } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../storage/index.js';
import { LockedJobs, type RulesOf } from '../records/index.js';
import {
  fillBucket,
  isSlotWait,
  keysWithRoom,
  lockSlotKeys,
  pauseWait,
  promote,
  readPauses,
  slotKeyOf,
} from '../limits/index.js';
import type { ChangedJob } from '../transitions/index.js';

export interface ReconcilerOptions {
  onChanged(jobs: Iterable<ChangedJob>): void;
  onDispatch(): void;
  log: Log;
  /** @default 500 */
  intervalMs?: number;
}

const unblockBatch = 1_000;

/**
 * Looks at what blocked jobs wait for and sends out those whose reason is gone: a resumed queue, a raised limit, a slot
 * that was freed while its next in line was locked. So no path through the ledger can leave a job waiting for nothing.
 */
export class Reconciler {
  private readonly rounds: Rounds;

  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: ReconcilerOptions,
  ) {
    this.rounds = new Rounds(() => this.reconcile(), {
      pauseMs: options.intervalMs ?? 500,
      onError: (error) => logLine(options.log, 'reconcile.failed', { error: String(error) }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  async reconcile(): Promise<void> {
    await this.dropStaleHolds();
    const reasons = await this.reasons();
    const paused = new Set((await readPauses(this.dataSource)).map(pauseWait));
    // Thousands of keys may be waited for, nearly all of them full.
    const keys = reasons.filter(isSlotWait).map(slotKeyOf);
    for (const key of await keysWithRoom(this.dataSource.manager, keys)) {
      if (this.rounds.stopping) return;
      await this.fillSlots(key);
    }
    for (const reason of reasons) {
      if (this.rounds.stopping) return;
      if (!isSlotWait(reason) && !paused.has(reason)) await this.wake(reason);
    }
  }

  /** As `wake`, for everything that begins so: the keys of a group whose limit was changed. */
  async wakeAll(beginning: string): Promise<void> {
    for (const reason of await this.reasons()) if (reason.startsWith(beginning)) await this.wake(reason);
  }

  /** Sends out the jobs that wait for this, as far as they may run. */
  async wake(reason: string): Promise<void> {
    if (isSlotWait(reason)) await this.fillSlots(slotKeyOf(reason));
    else if (reason.startsWith('token:')) await this.fillBucket(reason.slice('token:'.length));
    else if (reason.startsWith('pause:')) await this.unblockAll(reason);
  }

  /** The distinct reasons, read by hopping from one to the next in the index: a million jobs may share one. */
  private async reasons(): Promise<string[]> {
    const rows = await this.dataSource.query<{ on: string }[]>(
      `with recursive reason as (
         (select blocked_on as on from ledger.jobs where state = 'blocked' order by blocked_on limit 1)
         union all
         select (select j.blocked_on from ledger.jobs j where j.state = 'blocked' and j.blocked_on > r.on order by j.blocked_on limit 1)
         from reason r where r.on is not null
       )
       select r.on from reason r where r.on is not null limit 10000`,
    );
    return rows.map((row) => row.on);
  }

  /** Slots of jobs that have gone some way which did not give them back, e.g. a row deleted or edited by hand. */
  private async dropStaleHolds(): Promise<void> {
    await this.dataSource.query(
      `delete from ledger.slot_holds h using ledger.jobs j where j.id = h.job_id and j.state not in ('queued', 'running')`,
    );
  }

  private async fillSlots(key: string): Promise<void> {
    const promoted = await inTransaction(this.dataSource, async (tx) => {
      await lockSlotKeys(tx, [key]);
      return promote(tx, [key], this.rulesOf);
    });
    for (const jobs of promoted) this.announce(jobs);
  }

  private async fillBucket(key: string): Promise<void> {
    for (let more = true; more && !this.rounds.stopping;) {
      const filled = await inTransaction(this.dataSource, (tx) => fillBucket(tx, key, this.rulesOf));
      if (filled) this.announce(filled.jobs);
      more = filled?.more ?? false;
    }
  }

  private async unblockAll(reason: string): Promise<void> {
    for (let n = unblockBatch; n === unblockBatch && !this.rounds.stopping;) {
      const jobs = await inTransaction(this.dataSource, async (tx) => {
        const blocked = await LockedJobs.blockedOn(tx, reason, unblockBatch, this.rulesOf);
        for (const job of blocked.all()) {
          blocked.apply(job, { type: 'unblock' });
          blocked.note(job, 'queued', { reason: 'resumed' });
        }
        await blocked.write();
        return blocked;
      });
      n = jobs.all().length;
      this.announce(jobs);
    }
  }

  private announce(jobs: LockedJobs): void {
    this.options.onChanged(jobs.changedJobs);
    if (jobs.dispatches > 0) this.options.onDispatch();
  }
}
