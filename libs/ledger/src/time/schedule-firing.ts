import { catalogue, type KindDefinition } from '@roundhouse/contracts';
import { isFinal } from '@roundhouse/jobs';
import type { EntityManager } from 'typeorm';
import { insertEdges, writeJobs } from '../transitions/index.js';
import { dueTimes, timeAfter } from './fire-times.js';
import { insertJobs, jobOfKind, LockedJobs, type RulesOf } from '../records/index.js';
import { timesToFire, type MisfirePolicy, type OverlapPolicy } from './schedule-policy.js';
import { mostSkippedRows, recordSkip, recordSkips, type SkipReason } from './skipped-times.js';
import { reservedFields } from '../tenancy/index.js';
import { settleUniqueness } from '../acceptance/index.js';

/** What firing needs to know of a schedule. */
export interface DueSchedule {
  id: string;
  tenant_id: string;
  name: string;
  cron: string;
  time_zone: string;
  kind: string;
  payload: Buffer;
  enabled: boolean;
  misfire: MisfirePolicy;
  catch_up_max: number;
  overlap: OverlapPolicy;
  jitter_ms: number;
  next_fire_at: Date;
  now: Date;
}

export interface FiredSchedule {
  tenantId: string;
  name: string;
  fireTime: Date;
  jobId: string;
}

/** What firings have done, to be told once their transaction is committed. */
export interface Firings {
  fired: FiredSchedule[];
  /** Jobs that were changed: cancelled by the overlap policy. */
  changed: LockedJobs[];
  /** Fire times without a job, by the reason. */
  skipped: { tenantId: string; reason: SkipReason; times: number }[];
}

export interface FiringOptions {
  rulesOf: RulesOf;
  newTraceparent(): string;
}

const lookedBack = 100;

/** Fires one due schedule, which is locked, and moves it on. */
export async function fire(
  tx: EntityManager,
  row: DueSchedule,
  definition: KindDefinition,
  options: FiringOptions,
): Promise<Firings> {
  const { cron, time_zone: zone, next_fire_at: first, now } = row;
  const due = dueTimes(cron, zone, first, now, Math.max(row.catch_up_max, 1) + mostSkippedRows);
  const next = timeAfter(cron, zone, now);
  await tx.query(
    `update ledger.schedules set next_fire_at = coalesce($2, 'infinity'::timestamptz), enabled = enabled and $3 where id = $1`,
    [row.id, next ?? null, next !== undefined],
  );
  const firing = row.enabled ? timesToFire(due.times, now, row.misfire, row.catch_up_max) : [];
  const reason: SkipReason = row.enabled ? 'misfire' : 'paused';
  const missed = await recordSkips(tx, row.id, first, due, new Set(firing), reason);
  const done: Firings = { fired: [], changed: [], skipped: [] };
  const { tenant_id: tenantId } = row;
  if (missed > 0) done.skipped.push({ tenantId, reason, times: missed });
  for (const time of firing) {
    const { jobId, changed, skipped } = await fireOnce(tx, row, time, definition, options);
    done.changed.push(...changed);
    if (skipped) done.skipped.push({ tenantId, reason: skipped, times: 1 });
    if (jobId) done.fired.push({ tenantId: row.tenant_id, name: row.name, fireTime: time, jobId });
  }
  return done;
}

/** Fires one time, by the overlap policy. `runNow`: asked for by hand, outside of the schedule's times. */
export async function fireOnce(
  tx: EntityManager,
  row: DueSchedule,
  time: Date,
  definition: KindDefinition,
  { rulesOf, newTraceparent }: FiringOptions,
  { runNow = false } = {},
): Promise<{ jobId: string | undefined; changed: LockedJobs[]; skipped?: SkipReason }> {
  if (reservedFields(row.tenant_id, definition.requestType, row.payload).length > 0) {
    await recordSkip(tx, row.id, time, { reason: 'reserved' });
    return { jobId: undefined, changed: [], skipped: 'reserved' };
  }
  const open = row.overlap === 'allow' ? [] : await openJobs(tx, row.id);
  if (open.length > 0 && row.overlap === 'skip') {
    await recordSkip(tx, row.id, time, { reason: 'overlap', jobId: open[0] });
    return { jobId: undefined, changed: [], skipped: 'overlap' };
  }
  const jitterMs = runNow ? 0 : Math.floor(Math.random() * (row.jitter_ms + 1));
  const job = jobOfKind(definition, row.payload, {
    tenantId: row.tenant_id,
    traceparent: newTraceparent(),
    runAt: jitterMs > 0 ? new Date(time.getTime() + jitterMs) : undefined,
  });
  // The primary key decides: one job per time, whatever number of schedulers there are.
  const recorded = await tx.query<unknown[]>(
    `insert into ledger.schedule_firings (schedule_id, fire_time, job_id, reason) values ($1, $2, $3, $4)
     on conflict do nothing returning job_id`,
    [row.id, time, job.id, runNow ? 'run now' : null],
  );
  if (recorded.length === 0) return { jobId: undefined, changed: [] };
  const standIn = definition.unique && (await settleUniqueness(tx, [job], rulesOf)).get(job.id);
  if (standIn && !('stored' in standIn && standIn.stored)) {
    const holder = 'stored' in standIn ? (standIn.follower ?? standIn.existing) : standIn.jobId;
    await tx.query(
      `update ledger.schedule_firings set job_id = $3, outcome = 'skipped', reason = 'unique' where schedule_id = $1 and fire_time = $2`,
      [row.id, time, holder],
    );
    return { jobId: undefined, changed: [], skipped: 'unique' };
  }
  if (standIn) {
    // Stored before the others are cancelled: one that it waits for may end by that.
    await insertJobs(tx, [job]);
    return { jobId: job.id, changed: (await cancelAll(tx, open, rulesOf)).changed };
  }
  const { changed, stopping } = await cancelAll(tx, open, rulesOf);
  job.pendingDependencies = stopping.length;
  await insertJobs(tx, [job]);
  await follow(tx, job.id, stopping);
  return { jobId: job.id, changed };
}

/** Jobs of the schedule that are not over, the latest first. */
async function openJobs(tx: EntityManager, scheduleId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(
    `select j.id from (select job_id, fire_time from ledger.schedule_firings where schedule_id = $1 and outcome = 'fired'
                       order by fire_time desc limit ${lookedBack}) f
     join ledger.jobs j on j.id = f.job_id where j.state not in ('succeeded', 'dead', 'cancelled') order by f.fire_time desc`,
    [scheduleId],
  );
  return rows.map((row) => row.id);
}

/** `stopping`: those that run and have to notice it. */
async function cancelAll(
  tx: EntityManager,
  ids: readonly string[],
  rulesOf: RulesOf,
): Promise<{ changed: LockedJobs[]; stopping: string[] }> {
  if (ids.length === 0) return { changed: [], stopping: [] };
  const locked = await LockedJobs.byId(tx, ids, rulesOf);
  for (const job of locked.all()) {
    const { changed } = locked.apply(job, { type: 'cancel' });
    if (changed)
      locked.note(job, job.status.state === 'cancelled' ? 'cancelled' : 'cancel_requested', { reason: 'overlap' });
  }
  const stopping = [...locked.all()].filter(({ status }) => !isFinal(status.state)).map(({ id }) => id);
  return { changed: await writeJobs(tx, locked, rulesOf), stopping };
}

/** The new run begins when the earlier one has ended, however it ends: they never run side by side. */
async function follow(tx: EntityManager, jobId: string, earlier: readonly string[]): Promise<void> {
  if (earlier.length === 0) return;
  await tx.query('update ledger.jobs set has_dependents = true where id = any ($1::uuid[])', [earlier]);
  const edge = { jobId, condition: 'finished', otherwise: 'cancel' } as const;
  await insertEdges(
    tx,
    earlier.map((dependsOn) => ({ ...edge, dependsOn, ref: 'earlier run' })),
  );
}

/** The kinds that this version can fire. Schedules of others are left to the newer version that knows them. */
export const knownKinds = (): string[] => catalogue.kinds().map((definition) => definition.kind);
