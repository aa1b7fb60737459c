import type { DataSource } from 'typeorm';
import { addStatistics, type MinuteFigures } from './job-statistics.js';
import { latencyClass, noLatencies } from './latency-histogram.js';
import type { ChangedJob, JobMove } from '../transitions/index.js';

const flushMs = 5_000;
const minuteMs = 60_000;
// With the database away figures are kept, but not without end.
const mostKept = 5_000;

/**
 * Counts what jobs do, in memory, and adds the sums to the ledger's statistics every few seconds: one statement then, none
 * per job. What was counted since is lost with the process.
 */
export class JobMeter {
  private figures = new Map<string, MinuteFigures>();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.flush(), flushMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  record(jobs: Iterable<ChangedJob>): void {
    const now = Date.now();
    for (const { move } of jobs) if (move) this.count(move, now);
  }

  async flush(): Promise<void> {
    await this.flushing;
    if (this.figures.size === 0) return;
    const taken = this.figures;
    this.figures = new Map();
    this.flushing = addStatistics(this.dataSource, [...taken.values()]).catch((error: unknown) => {
      this.onFailure(error);
      if (this.figures.size < mostKept) for (const [key, row] of taken) this.keep(key, row);
    });
    await this.flushing;
  }

  private count({ tenantId, kind, from, to, waitedMs, ranMs, muted }: JobMove, now: number): void {
    const row = this.row(tenantId, kind, now);
    if (to === 'running') row.started += 1;
    if (waitedMs !== undefined) row.waits[latencyClass(waitedMs)]! += 1;
    if (from === 'running' && (to === 'retrying' || to === 'dead')) row.failed += 1;
    if (to === 'dead') row.dead += 1;
    if (muted) row.muted += 1;
    if (to === 'cancelled') row.cancelled += 1;
    if (to === 'succeeded') row.succeeded += 1;
    if (ranMs !== undefined) row.runs[latencyClass(ranMs)]! += 1;
  }

  private row(tenantId: string, kind: string, now: number): MinuteFigures {
    const minute = new Date(now - (now % minuteMs));
    const key = `${tenantId}|${kind}|${minute.getTime()}`;
    const known = this.figures.get(key);
    if (known) return known;
    const counts = { started: 0, succeeded: 0, failed: 0, dead: 0, muted: 0, cancelled: 0 };
    const fresh = { tenantId, kind, minute, ...counts, waits: noLatencies(), runs: noLatencies() };
    this.figures.set(key, fresh);
    return fresh;
  }

  /** Puts back what could not be written. */
  private keep(key: string, row: MinuteFigures): void {
    const newer = this.figures.get(key);
    if (!newer) return void this.figures.set(key, row);
    for (const name of ['started', 'succeeded', 'failed', 'dead', 'muted', 'cancelled'] as const)
      newer[name] += row[name];
    row.waits.forEach((count, i) => (newer.waits[i]! += count));
    row.runs.forEach((count, i) => (newer.runs[i]! += count));
  }
}
