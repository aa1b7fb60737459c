import { arrivedJobs, changedJobs, endOfHistory, JobReader, type JobEntity } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';

/** What the viewers of a tenant are told. */
export interface JobNews {
  /** Where a viewer that was told this is; its `Last-Event-ID`. */
  cursor: string;
  jobs: JobEntity[];
  /** More happened than is told one by one: viewers read their lists again. */
  behind: boolean;
}

// People see no difference below this, and a nudge a job would be a query a job.
const shortestPauseMs = 250;
const longestPauseMs = 1_000;
// A transaction that was under way may commit entries with lower ids than those read already.
const overlapMs = 3_000;
const mostChanges = 2_000;
const mostTold = 300;

interface Position {
  id: string;
  at: number;
}

/**
 * What happens to the jobs of the tenants somebody is looking at: two or three small queries a tick, however many look, and
 * none when nobody does.
 */
export class JobFeed {
  private readonly viewers = new Map<string, Set<(news: JobNews) => void>>();
  private positions: Position[] = [];
  private seen = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private wakeAt = 0;
  private turn: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly reader: JobReader,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  get tenants(): string[] {
    return [...this.viewers.keys()];
  }

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

  /** Something happened: look soon. */
  nudge(): void {
    if (this.viewers.size > 0) this.schedule(shortestPauseMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turn;
  }

  /** What a viewer has missed since `cursor`. */
  async since(tenantId: string, cursor: string): Promise<JobNews> {
    const changes = await changedJobs(this.dataSource, cursor, mostChanges);
    const ids = [...new Set(changes.map((change) => change.job_id))];
    const end = changes.at(-1)?.id ?? cursor;
    if (changes.length === mostChanges || ids.length > mostTold) return { cursor: end, jobs: [], behind: true };
    return { cursor: end, jobs: await this.reader.some([tenantId], ids), behind: false };
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
          if (this.viewers.size > 0) this.schedule(longestPauseMs);
          else this.forget();
        });
    }, delayMs);
  }

  private forget(): void {
    this.positions = [];
    this.seen.clear();
  }

  private async look(): Promise<void> {
    const now = Date.now();
    const from = await this.position(now);
    const changes = await changedJobs(this.dataSource, from, mostChanges);
    const arrived = await arrivedJobs(this.dataSource, this.tenants, new Date(now - overlapMs), mostTold);
    const fresh = new Set<string>();
    for (const { id, job_id } of changes) if (this.isFresh(id, now)) fresh.add(job_id);
    for (const id of arrived) if (this.isFresh(id, now)) fresh.add(id);
    const end = changes.at(-1)?.id;
    if (end) this.positions.push({ id: end, at: now });
    this.tidy(now);
    if (fresh.size === 0) return;
    const told = [...fresh].slice(-mostTold);
    const behind = fresh.size > mostTold || changes.length === mostChanges;
    this.tell(from, await this.reader.some(this.tenants, told), behind);
  }

  /** Where to read from: the end as it was an overlap ago. */
  private async position(now: number): Promise<string> {
    if (this.positions.length === 0) this.positions = [{ id: await endOfHistory(this.dataSource), at: now }];
    // With more than fits the overlap is given up, or the feed would stand still.
    const [first] = this.positions;
    return (first as Position).id;
  }

  private isFresh(key: string, now: number): boolean {
    if (this.seen.has(key)) return false;
    this.seen.set(key, now);
    return true;
  }

  private tidy(now: number): void {
    const full = this.seen.size > 2 * mostChanges;
    while (this.positions.length > 1 && (full || (this.positions[1] as Position).at < now - overlapMs))
      this.positions.shift();
    for (const [key, at] of this.seen) {
      if (at >= now - 2 * overlapMs) break;
      this.seen.delete(key);
    }
  }

  private tell(cursor: string, jobs: JobEntity[], behind: boolean): void {
    for (const [tenantId, viewers] of this.viewers) {
      const own = jobs.filter((job) => job.tenantId === tenantId);
      if (own.length > 0 || behind) for (const viewer of viewers) viewer({ cursor, jobs: own, behind });
    }
  }
}
