import type { EntityManager } from 'typeorm';
import { type LockedJob, LockedJobs, type NewJob, type RulesOf } from '../records/index.js';
import { takeUniqueKeys, writeJobs } from '../transitions/index.js';

/** Another job holds the unique key. */
export class UniqueConflict extends Error {
  override readonly name = 'UniqueConflict';

  constructor(
    readonly jobId: string,
    kind: string,
  ) {
    super(`There is already a job ${jobId} of kind ${kind} with these values`);
  }
}

/**
 * Settles which of the new jobs are really new. Answers, by new job's id, the job that stands in for it, or a
 * UniqueConflict where the kind rejects doubles. With replace and debounce the standing job takes over what is new.
 */
export async function settleUniqueness(
  tx: EntityManager,
  jobs: readonly NewJob[],
  rulesOf: RulesOf,
): Promise<Map<string, string | UniqueConflict>> {
  const holders = await takeUniqueKeys(tx, jobs);
  const settled = new Map<string, string | UniqueConflict>();
  if (holders.size === 0) return settled;
  const newcomers = jobs.filter((job) => holders.has(job.id));
  const batch = new Set(jobs.map((job) => job.id));
  const standing = newcomers.map((job) => holders.get(job.id) as string).filter((id) => !batch.has(id));
  const locked = await LockedJobs.byId(tx, standing, rulesOf);
  for (const job of newcomers) {
    const holder = holders.get(job.id) as string;
    const mode = job.unique?.mode ?? 'reject';
    settled.set(job.id, mode === 'reject' ? new UniqueConflict(holder, job.kind) : holder);
    const first = locked.get(holder);
    if (first && (mode === 'replace' || mode === 'debounce')) await takeOver(tx, locked, first, job, mode);
  }
  await writeJobs(tx, locked, rulesOf);
  return settled;
}

/** The standing job gets the newcomer's payload and time, unless it has started. */
async function takeOver(
  tx: EntityManager,
  locked: LockedJobs,
  first: LockedJob,
  job: NewJob,
  mode: 'replace' | 'debounce',
): Promise<void> {
  const { state } = first.status;
  if (state !== 'scheduled' && state !== 'queued' && state !== 'blocked') return;
  const periodMs = job.unique?.periodMs ?? 0;
  const runAt = mode === 'debounce' ? locked.now + periodMs : job.runAt?.getTime();
  if (runAt !== undefined && runAt > locked.now && state !== 'blocked') {
    locked.apply(first, { type: 'postpone', runAt });
    locked.note(first, 'scheduled', { reason: mode });
  }
  // A delivery with the old payload may be under way: the grant brings the new one along.
  await tx.query(`update ledger.jobs set payload = $2, payload_replaced = true, priority = $3 where id = $1`, [
    first.id,
    Buffer.from(job.payload),
    job.priority ?? 0,
  ]);
  if (mode === 'debounce') {
    await tx.query(
      `update ledger.unique_keys set expires_at = clock_timestamp() + make_interval(secs => $2) where key = $1`,
      [job.unique?.key, periodMs / 1000],
    );
  }
}
