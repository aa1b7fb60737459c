import type { EntityManager } from 'typeorm';
import type { LockedJob } from './locked-jobs.js';
import type { NewJob } from './new-job.js';

/** Who holds a key that a new job wanted. */
export interface UniqueHolder {
  key: string;
  jobId: string;
}

const hex = (job: NewJob): string => job.uniqueKey?.toString('hex') ?? '';

/**
 * Takes the unique keys of new jobs; answers the holders of those that were taken already, by the new job's id. The
 * primary key decides, also between transactions that run at the same time. Of several jobs with one key the first wins.
 * @param periodOf how long the key is held in any case; undefined: until the job is over
 */
export async function takeUniqueKeys(
  tx: EntityManager,
  jobs: readonly NewJob[],
  periodOf: (job: NewJob) => number | undefined,
): Promise<Map<string, string>> {
  const wanted = new Map<string, NewJob>();
  for (const job of jobs) if (job.uniqueKey && !wanted.has(hex(job))) wanted.set(hex(job), job);
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
      firsts.map((job) => (periodOf(job) === undefined ? null : (periodOf(job) as number) / 1000)),
    ],
  );
  const holders = new Map(rows.map((row) => [row.key, row.jobId]));
  for (const job of jobs) {
    const holder = job.uniqueKey && holders.get(hex(job));
    if (holder && holder !== job.id) taken.set(job.id, holder);
  }
  return taken;
}

/** Gives the keys back that are held only as long as their job is not over. */
export async function releaseUniqueKeys(tx: EntityManager, ended: Iterable<LockedJob>): Promise<void> {
  const ids = [...ended].filter((job) => job.unique).map((job) => job.id);
  if (ids.length === 0) return;
  await tx.query(
    `delete from ledger.unique_keys u using ledger.jobs j
     where j.id = any($1::uuid[]) and u.key = j.unique_key and u.job_id = j.id and u.expires_at is null`,
    [ids],
  );
}
