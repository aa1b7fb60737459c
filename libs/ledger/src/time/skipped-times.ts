import type { EntityManager } from 'typeorm';
import { dueTimes, timeAfter, type DueTimes } from './fire-times.js';

// A history that nobody reads to its end needs no more rows than that for one outage.
export const mostSkippedRows = 100;

/** Why a fire time has no job. `changed`: it was due by an expression or zone that was replaced before it fired.
 * `reserved`: its payload says what only operators may. */
export type SkipReason = 'misfire' | 'paused' | 'changed' | 'overlap' | 'unique' | 'reserved';

export interface Clockwork {
  id: string;
  cron: string;
  time_zone: string;
}

/** One time without a job, in the schedule's history. `jobId`: whose fault it is. */
export async function recordSkip(
  tx: EntityManager,
  id: string,
  time: Date,
  { reason, jobId }: { reason: string; jobId?: string },
): Promise<void> {
  await tx.query(
    `insert into ledger.schedule_firings (schedule_id, fire_time, job_id, outcome, reason) values ($1, $2, $3, 'skipped', $4)
     on conflict do nothing`,
    [id, time, jobId ?? null, reason],
  );
}

/** The latest of the times that do not fire, and where they began when they are many. @returns how many, as far as they were counted */
export async function recordSkips(
  tx: EntityManager,
  id: string,
  first: Date,
  { times, more }: DueTimes,
  chosen: ReadonlySet<Date>,
  reason: SkipReason,
): Promise<number> {
  const missed = times.filter((time) => !chosen.has(time));
  if (more && times[0])
    await recordSkip(tx, id, first, { reason: `${reason}, as all before ${times[0].toISOString()}` });
  for (const time of missed.slice(-mostSkippedRows)) await recordSkip(tx, id, time, { reason });
  return missed.length;
}

/**
 * Leaves out what a schedule, which is locked, owes up to now: it was paused, or its expression is being replaced, and no
 * scheduler has looked since. @returns its next time by its own expression; undefined when there is none
 */
export async function skipDue(
  tx: EntityManager,
  { id, cron, time_zone: zone }: Clockwork,
  first: Date | null,
  reason: SkipReason,
): Promise<Date | undefined> {
  const [{ now } = { now: new Date() }] = await tx.query<{ now: Date }[]>('select clock_timestamp() as now');
  if (first && first > now) return first;
  if (first) await recordSkips(tx, id, first, dueTimes(cron, zone, first, now, mostSkippedRows), new Set(), reason);
  return timeAfter(cron, zone, now);
}
