import { catalogue } from '@roundhouse/contracts';
import { isFinal } from '@roundhouse/jobs';
import type { DataSource, EntityManager } from 'typeorm';
import type { LockedJob, NewJob, Uniqueness } from '../records/index.js';

/** A key that is held; times in ms of the database's clock. */
export interface HeldKey {
  key: string;
  jobId: string;
  followerId: string | null;
  /** Null: until its job is in a state that gives it back. */
  expiresAt: number | null;
  /** Held until its job is over, however short the period. */
  exclusive: boolean;
  /** Its job came behind another one. */
  trailing: boolean;
  heldUntil: Uniqueness['heldUntil'];
  /** When they were asked for first; null: removed since, or none. */
  holderCreatedAt: number | null;
  followerCreatedAt: number | null;
  now: number;
}

export interface TakenKey {
  expiresAt: number | null;
  now: number;
}

/** A job that wants to hold its key. */
export interface KeyWish {
  job: NewJob;
  /** Whose it was: a job that is over. Undefined: nobody's. */
  from?: string;
  /** Instead of one period from now, in ms. */
  expiresAt?: number;
  trailing?: boolean;
}

/** Replace and debounce ask about the job alone, whatever the period; the first of a leading debounce begins a window. */
function periodOf({ mode, leading, periodMs }: Uniqueness): number | undefined {
  return mode === 'replace' || (mode === 'debounce' && !leading) ? undefined : periodMs;
}

export const keyOf = (job: NewJob): string => job.unique?.key.toString('hex') ?? '';

/**
 * Takes unique keys, one wish a key; answers those that were got. The primary key decides, also between transactions that run
 * at the same time.
 */
export async function takeUniqueKeys(tx: EntityManager, wishes: readonly KeyWish[]): Promise<Map<string, TakenKey>> {
  if (wishes.length === 0) return new Map();
  // In key order, so that two transactions with the same keys wait for each other instead of deadlocking.
  const sorted = wishes.toSorted((a, b) => (keyOf(a.job) < keyOf(b.job) ? -1 : 1));
  const keys = sorted.map(({ job }) => keyOf(job));
  if (sorted.some(({ from }) => from !== undefined)) {
    await tx.query(
      `delete from ledger.unique_keys u using unnest($1::text[], $2::uuid[]) as w(key, job_id)
       where u.key = decode(w.key, 'hex') and u.job_id = w.job_id`,
      [keys, sorted.map(({ from }) => from ?? null)],
    );
  }
  const rows = await tx.query<(TakenKey & { key: string })[]>(
    `insert into ledger.unique_keys (key, job_id, expires_at, exclusive, is_trailing, held_until)
     select decode(key, 'hex'), job_id, coalesce(to_timestamp(expires_at / 1000), clock_timestamp() + make_interval(secs => period)),
            exclusive, is_trailing, held_until
     from unnest($1::text[], $2::uuid[], $3::float8[], $4::float8[], $5::boolean[], $6::boolean[], $7::text[])
       as w(key, job_id, expires_at, period, exclusive, is_trailing, held_until)
     on conflict (key) do nothing
     returning encode(key, 'hex') as key, ${epochMs('expires_at')} as "expiresAt", ${epochMs('clock_timestamp()')} as now`,
    [
      keys,
      sorted.map(({ job }) => job.id),
      sorted.map(({ expiresAt }) => expiresAt ?? null),
      sorted.map(({ job }) => inSeconds(job.unique && periodOf(job.unique))),
      sorted.map(({ job }) => job.unique?.whileRunning !== undefined),
      sorted.map(({ trailing }) => trailing === true),
      sorted.map(({ job }) => job.unique?.heldUntil ?? 'over'),
    ],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

const epochMs = (column: string): string => `date_part('epoch', ${column}) * 1000`;
const inSeconds = (ms: number | undefined): number | null => (ms === undefined ? null : ms / 1000);

/** Who holds keys at this moment. They stay as they are only while the holder is locked and not over. */
export async function readUniqueKeys(tx: EntityManager, keys: readonly string[]): Promise<Map<string, HeldKey>> {
  if (keys.length === 0) return new Map();
  const rows = await tx.query<HeldKey[]>(
    `select encode(u.key, 'hex') as key, u.job_id as "jobId", u.follower_id as "followerId", u.exclusive, u.is_trailing as "trailing",
            u.held_until as "heldUntil", ${epochMs('u.expires_at')} as "expiresAt", ${epochMs('clock_timestamp()')} as now,
            ${epochMs('h.created_at')} as "holderCreatedAt", ${epochMs('f.created_at')} as "followerCreatedAt"
     from ledger.unique_keys u left join ledger.jobs h on h.id = u.job_id left join ledger.jobs f on f.id = u.follower_id
     where u.key in (select decode(k, 'hex') from unnest($1::text[]) as k)`,
    [keys],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

/** The holders are locked and have no follower. */
export async function followHolders(
  tx: EntityManager,
  followers: readonly { key: string; followerId: string }[],
): Promise<void> {
  if (followers.length === 0) return;
  await tx.query(
    `update ledger.unique_keys u set follower_id = w.follower_id, exclusive = true
     from unnest($1::text[], $2::uuid[]) as w(key, follower_id) where u.key = decode(w.key, 'hex')`,
    [followers.map(({ key }) => key), followers.map(({ followerId }) => followerId)],
  );
}

function mayGiveBack({ kind, status }: LockedJob): boolean {
  return isFinal(status.state) || (catalogue.kind(kind)?.unique?.heldUntil === 'started' && status.attempt > 0);
}

/**
 * Gives back the keys that are held only up to a state which their job has reached; those with a period run out. Where a job
 * follows the key is its from now on. The jobs have been written.
 */
export async function releaseUniqueKeys(tx: EntityManager, changed: Iterable<LockedJob>): Promise<void> {
  const jobs = [...changed].filter((job) => job.unique && mayGiveBack(job));
  if (jobs.length === 0) return;
  await handOver(
    tx,
    jobs.filter(({ status }) => isFinal(status.state)).map(({ id }) => id),
  );
  await tx.query(
    `delete from ledger.unique_keys u using ledger.jobs j
     where j.id = any($1::uuid[]) and u.key = j.unique_key and u.job_id = j.id and (u.expires_at is null or u.expires_at <= clock_timestamp())
       and (j.state in ('succeeded', 'cancelled') or (j.state = 'dead' and u.held_until <> 'succeeded')
            or (u.held_until = 'started' and not u.exclusive and j.attempt > 0))`,
    [jobs.map(({ id }) => id)],
  );
}

const goesOn = `(u.job_id = any($1::uuid[]) and u.follower_id <> all($1::uuid[]))`;

async function handOver(tx: EntityManager, over: readonly string[]): Promise<void> {
  if (over.length === 0) return;
  await tx.query(
    `update ledger.unique_keys u set follower_id = null,
       job_id = case when ${goesOn} then u.follower_id else u.job_id end, is_trailing = u.is_trailing or ${goesOn}
     where u.key in (select unique_key from ledger.jobs where id = any($1::uuid[]) and unique_key is not null)
       and u.follower_id is not null and (u.job_id = any($1::uuid[]) or u.follower_id = any($1::uuid[]))`,
    [over],
  );
}

const keptMs = 86_400_000;

/** Keys whose period is over, and whose job is: nobody asks about them any more. */
export async function forgetExpiredKeys(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `delete from ledger.unique_keys u where u.expires_at < clock_timestamp() - make_interval(secs => $1) and not exists (
       select from ledger.jobs j where j.id = u.job_id and j.state not in ('succeeded', 'dead', 'cancelled'))`,
    [keptMs / 1000],
  );
}
