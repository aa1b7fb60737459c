import { addLatencies, noLatencies, percentile, type JobFigures, type MinuteFigures } from '@roundhouse/ledger';

export interface Series {
  /** Start of the first step, ms since 1970. */
  from: number;
  step_ms: number;
  started: number[];
  succeeded: number[];
  failed: number[];
  dead: number[];
  muted: number[];
  /** Milliseconds; null where nothing was counted. */
  wait_p50: (number | null)[];
  wait_p95: (number | null)[];
  run_p50: (number | null)[];
  run_p95: (number | null)[];
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const hourMs = 60 * minuteMs;
// Other processes add to a minute for a while after it is over.
const overlapMs = 2 * minuteMs;

const counters = ['started', 'succeeded', 'failed', 'dead', 'muted', 'cancelled'] as const;
const nothing = (): JobFigures => ({
  started: 0,
  succeeded: 0,
  failed: 0,
  dead: 0,
  muted: 0,
  cancelled: 0,
  waits: noLatencies(),
  runs: noLatencies(),
});

function add(to: JobFigures, from: JobFigures): void {
  for (const counter of counters) to[counter] += from[counter];
  addLatencies(to.waits, from.waits);
  addLatencies(to.runs, from.runs);
}

/** The last day of a tenant's figures, by minute; of the last hour by kind as well. Read once and then kept up. */
export class StatisticsWindow {
  private readonly minutes = new Map<number, JobFigures>();
  private byKind: MinuteFigures[] = [];
  private readUntil: number | undefined;

  /** @param read the tenant's rows since a time */
  constructor(private readonly read: (since: Date) => Promise<MinuteFigures[]>) {}

  async refresh(now = Date.now()): Promise<void> {
    const since = floor(this.readUntil === undefined ? now - dayMs : this.readUntil - overlapMs, minuteMs);
    const rows = await this.read(new Date(since));
    for (const minute of this.minutes.keys())
      if (minute >= since || minute < now - dayMs - hourMs) this.minutes.delete(minute);
    for (const row of rows) this.take(row);
    const kept = this.byKind.filter(({ minute }) => minute.getTime() < since);
    this.byKind = [...kept, ...rows].filter(({ minute }) => minute.getTime() >= now - hourMs - minuteMs);
    this.readUntil = now;
  }

  hour(now = Date.now()): Series {
    return this.series(now, hourMs, minuteMs);
  }

  day(now = Date.now()): Series {
    return this.series(now, dayMs, 10 * minuteMs);
  }

  /** Sums per kind since a time within the last hour. */
  kindsSince(since: number): Map<string, JobFigures> {
    const kinds = new Map<string, JobFigures>();
    for (const row of this.byKind) {
      if (row.minute.getTime() < since) continue;
      const sum = kinds.get(row.kind) ?? nothing();
      add(sum, row);
      kinds.set(row.kind, sum);
    }
    return kinds;
  }

  private take(row: MinuteFigures): void {
    const minute = row.minute.getTime();
    const sum = this.minutes.get(minute) ?? nothing();
    add(sum, row);
    this.minutes.set(minute, sum);
  }

  private series(now: number, lengthMs: number, stepMs: number): Series {
    const from = floor(now, stepMs) - lengthMs + stepMs;
    const steps = Array.from({ length: lengthMs / stepMs }, nothing);
    for (const [minute, figures] of this.minutes) {
      const step = steps[Math.floor((minute - from) / stepMs)];
      if (minute >= from && step) add(step, figures);
    }
    return {
      from,
      step_ms: stepMs,
      started: steps.map((step) => step.started),
      succeeded: steps.map((step) => step.succeeded),
      failed: steps.map((step) => step.failed),
      dead: steps.map((step) => step.dead),
      muted: steps.map((step) => step.muted),
      wait_p50: steps.map(({ waits }) => rounded(percentile(waits, 0.5))),
      wait_p95: steps.map(({ waits }) => rounded(percentile(waits, 0.95))),
      run_p50: steps.map(({ runs }) => rounded(percentile(runs, 0.5))),
      run_p95: steps.map(({ runs }) => rounded(percentile(runs, 0.95))),
    };
  }
}

const floor = (ms: number, step: number): number => Math.floor(ms / step) * step;

/** Three digits: what a histogram knows, and less to send. */
export const rounded = (ms: number | null): number | null => (ms === null ? null : Number(ms.toPrecision(3)));
