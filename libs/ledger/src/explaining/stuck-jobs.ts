import { catalogue } from '@roundhouse/contracts';
import type { Stuck } from './explain-reason.js';

// A worker ends an attempt at its timeout; one that is half as late again does not stop.
const overdueFactor = 1.5;

export interface RunningFacts {
  kind: string;
  timeoutMs: number;
  startedAt: number;
  /** Last progress or checkpoint. */
  progressedAt: number | undefined;
}

/** Whether a running attempt gives no sign of getting further, or goes on far beyond its timeout. */
export function stuckness({ kind, timeoutMs, startedAt, progressedAt }: RunningFacts, now: number): Stuck | undefined {
  const since = progressedAt ?? startedAt;
  const overdueMs = timeoutMs * overdueFactor;
  if (now - startedAt > overdueMs) return { since, limit: 'timeout', limitMs: overdueMs };
  const stuckAfterMs = catalogue.kind(kind)?.stuckAfterMs;
  if (stuckAfterMs !== undefined && now - since > stuckAfterMs)
    return { since, limit: 'stuck_after', limitMs: stuckAfterMs };
  return undefined;
}

/**
 * The same rule as a condition on ledger.jobs `alias`; `kinds` and `ms` are the names of its parameters, whose values are
 * those of `stuckLimits`.
 */
export const stuckCondition = (alias: string, kinds: string, ms: string): string =>
  `${alias}.state = 'running' and ${alias}.due_at is not null and (
     ${alias}.started_at < clock_timestamp() - make_interval(secs => ${alias}.timeout_ms * ${overdueFactor} / 1000)
     or coalesce(${alias}.progressed_at, ${alias}.started_at) < clock_timestamp() - make_interval(secs =>
          (select l.ms / 1000 from unnest(cast(${kinds} as text[]), cast(${ms} as float8[])) as l(kind, ms) where l.kind = ${alias}.kind)))`;

export function stuckLimits(): { kinds: string[]; ms: number[] } {
  const limited = catalogue.kinds().filter(({ stuckAfterMs }) => stuckAfterMs !== undefined);
  return { kinds: limited.map(({ kind }) => kind), ms: limited.map(({ stuckAfterMs }) => stuckAfterMs as number) };
}
