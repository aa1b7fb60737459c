import { catalogue } from '@roundhouse/contracts';
import { isFinal } from '@roundhouse/jobs';
import type { EntityManager } from 'typeorm';
import type { LockedJob, NewJob } from '../records/index.js';

/** Who holds a key that a new job wanted. */
export interface UniqueHolder {
  key: string;
  jobId: string;
}

const hex = (job: NewJob): string => job.unique?.key.toString('hex') ?? '';

/**
 * Takes the unique keys of new jobs; answers the holders of those that were taken already, by the new job's id. The
 * primary key decides, also between transactions that run at the same time. Of several jobs with one key the first wins.
 */
export async function takeUniqueKeys(tx: EntityManager, jobs: readonly NewJob[]): Promise<Map<string, string>> {
  const wanted = new Map<string, NewJob>();
  for (const job of jobs) if (job.unique && !wanted.has(hex(job))) wanted.set(hex(job), job);
  const taken = new Map<string, string>();
  if (wanted.size === 0) return taken;
  // In key order, so that two transactions with the same keys wait for each other instead of deadlocking.
  const firsts = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, job]) => job);
  const rows = await tx.query<UniqueHolder[]>(
    `with wanted as (
       select decode(key, 'hex') as key, job_id, period from unnest($1::text[], $2::uuid[], $3::float8[]) as w(key, job_id, period)
     )
     insert into ledger.unique_keys as u (key, job_id, expires_at)
     select key, job_id, clock_timestamp() + make_interval(secs => period) from wanted
     on conflict (key) do update set
       -- A key whose time is over changes hands.
       job_id = case when u.expires_at <= clock_timestamp() then excluded.job_id else u.job_id end,
       expires_at = case when u.expires_at <= clock_timestamp() then excluded.expires_at else u.expires_at end
     returning encode(key, 'hex') as key, job_id as "jobId"`,
    [
      firsts.map(hex),
      firsts.map((job) => job.id),
      firsts.map(({ unique }) => (unique?.periodMs === undefined ? null : unique.periodMs / 1000)),
    ],
  );
  const holders = new Map(rows.map((row) => [row.key, row.jobId]));
  for (const job of jobs) {
    const holder = job.unique && holders.get(hex(job));
    if (holder && holder !== job.id) taken.set(job.id, holder);
  }
  return taken;
}

function givesKeyBack({ kind, status }: LockedJob): boolean {
  const heldUntil = catalogue.kind(kind)?.unique?.heldUntil ?? 'over';
  if (heldUntil === 'started') return status.attempt > 0 || isFinal(status.state);
  if (heldUntil === 'succeeded') return isFinal(status.state) && status.state !== 'dead';
  return isFinal(status.state);
}

/** Gives back the keys that are held only up to a state which their job has reached. Those with a period run out. */
export async function releaseUniqueKeys(tx: EntityManager, changed: Iterable<LockedJob>): Promise<void> {
  const ids = [...changed].filter((job) => job.unique && givesKeyBack(job)).map((job) => job.id);
  if (ids.length === 0) return;
  await tx.query(
    `delete from ledger.unique_keys u using ledger.jobs j
     where j.id = any($1::uuid[]) and u.key = j.unique_key and u.job_id = j.id and u.expires_at is null`,
    [ids],
  );
}

/** Gives back what refused jobs had taken. */
export async function forgetUniqueKeys(tx: EntityManager, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length === 0) return;
  await tx.query(`delete from ledger.unique_keys where job_id = any($1::uuid[])`, [jobIds]);
}
