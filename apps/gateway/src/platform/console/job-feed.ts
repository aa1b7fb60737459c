import { arrivedJobs, JobReader, type JobEntity } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import { ChangeLog } from './change-log.js';

/** What the viewers of a tenant are told. */
export interface JobNews {
  /** Where a viewer that was told this is; its `Last-Event-ID`. */
  cursor: string;
  jobs: JobEntity[];
  /** More happened than is told one by one: viewers read their lists again. */
  behind: boolean;
}

// People see no difference below this, and a query for each nudge would be a query a job.
const shortestPauseMs = 250;
const longestPauseMs = 1_000;
// Clocks of gateways differ, and transactions take their time to commit.
const arrivalOverlapMs = 3_000;
const mostTold = 300;
// Every viewer reads its lists again then.
const behindPauseMs = 5_000;

/**
 * What happens to the jobs of the tenants somebody is looking at: gateways and schedulers tell each other which jobs have
 * changed, and new ones are looked for. One or two small queries a turn, however many look, and none when nobody does.
 */
export class JobFeed {
  private readonly viewers = new Map<string, Set<(news: JobNews) => void>>();
  private readonly log = new ChangeLog();
  private changed = new Set<string>();
  /** Arrived jobs that were told, and when. */
  private readonly told = new Map<string, number>();
  private behind = false;
  private behindAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private wakeAt = 0;
  private turn: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly reader: JobReader,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Answers how to leave. */
  watch(tenantId: string, viewer: (news: JobNews) => void): () => void {
    const viewers = this.viewers.get(tenantId) ?? new Set();
    this.viewers.set(tenantId, viewers.add(viewer));
    this.schedule(0);
    return () => {
      viewers.delete(viewer);
      if (viewers.size === 0 && this.viewers.get(tenantId) === viewers) this.viewers.delete(tenantId);
    };
  }

  get cursor(): string {
    return this.log.cursor;
  }

  /** These jobs have changed, of whichever tenant. */
  onChanged(jobIds: readonly string[]): void {
    this.log.add(jobIds);
    if (this.viewers.size === 0) return;
    for (const id of jobIds) this.changed.add(id);
    this.schedule(shortestPauseMs);
  }

  /** News may have been lost, with the broker for example. */
  lost(): void {
    this.tell([], true);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turn;
  }

  /** What a viewer has missed since `cursor`. */
  async since(tenantId: string, cursor: string): Promise<JobNews> {
    const { cursor: now } = this.log;
    const ids = this.log.since(cursor);
    if (!ids || ids.length > mostTold) return { cursor: now, jobs: [], behind: true };
    return { cursor: now, jobs: await this.reader.some([tenantId], ids), behind: false };
  }

  private schedule(delayMs: number): void {
    if (this.stopped || this.turn) return;
    const at = Date.now() + delayMs;
    if (this.timer && this.wakeAt <= at) return;
    clearTimeout(this.timer);
    this.wakeAt = at;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.turn = this.look()
        .catch(this.onFailure)
        .finally(() => {
          this.turn = undefined;
          if (this.viewers.size > 0) this.schedule(this.changed.size > 0 ? shortestPauseMs : longestPauseMs);
        });
    }, delayMs);
  }

  private async look(): Promise<void> {
    const now = Date.now();
    const tenants = [...this.viewers.keys()];
    if (tenants.length === 0) return this.changed.clear();
    const since = new Date(now - arrivalOverlapMs);
    const arrived = (await arrivedJobs(this.dataSource, tenants, since, mostTold)).filter((id) => !this.told.has(id));
    for (const id of arrived) this.told.set(id, now);
    this.forgetTold(now);
    const fresh = new Set([...this.changed, ...arrived]);
    this.changed = new Set();
    this.behind ||= fresh.size > mostTold;
    const sayBehind = this.behind && now - this.behindAt >= behindPauseMs;
    if (fresh.size === 0 && !sayBehind) return;
    try {
      this.tell(await this.reader.some(tenants, [...fresh].slice(-mostTold)), sayBehind);
    } catch (error) {
      this.behind = true;
      throw error;
    }
    if (sayBehind) Object.assign(this, { behind: false, behindAt: now });
  }

  private forgetTold(now: number): void {
    for (const [id, at] of this.told) {
      if (at > now - 2 * arrivalOverlapMs) break;
      this.told.delete(id);
    }
  }

  private tell(jobs: JobEntity[], behind: boolean): void {
    const { cursor } = this.log;
    for (const [tenantId, viewers] of this.viewers) {
      const own = jobs.filter((job) => job.tenantId === tenantId);
      if (own.length > 0 || behind) for (const viewer of viewers) viewer({ cursor, jobs: own, behind });
    }
  }
}
