import { catalogue, type RateRule } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import type { LockedJob } from './locked-jobs.js';

/**
 * Token buckets in the form of the generic cell rate algorithm (ITU-T I.371): a bucket is one moment, the one at which it
 * would be full again. A job that comes too early is told its moment and keeps its place: the token is set aside, so that
 * it is not asked for twice and nobody is overtaken.
 */
interface Bucket {
  key: string;
  perSecond: number;
  burst: number;
  fullAt: number;
  pausedUntil: number | undefined;
}

export const bucketKey = (tenantId: string, rule: Pick<RateRule, 'bucket' | 'acrossTenants'>): string =>
  `${rule.bucket}|${rule.acrossTenants ? '*' : tenantId}`;

export const tokenWait = (key: string): string => `token:${key}`;

export interface TokenRefusal {
  key: string;
  /** When the job may run. */
  until: number;
}

const epochMs = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

/** Locks the buckets, in key order, and makes those that are missing. */
async function lockBuckets(
  tx: EntityManager,
  wanted: Map<string, Pick<RateRule, 'perSecond' | 'burst'>>,
  now: number,
): Promise<Map<string, Bucket>> {
  const keys = [...wanted.keys()].sort();
  await tx.query(
    `insert into ledger.rate_buckets (key, per_second, burst, full_at)
     select k, p, b, to_timestamp($4::float8 / 1000) from unnest($1::text[], $2::float8[], $3::integer[]) as w(k, p, b) order by k
     on conflict do nothing`,
    [keys, keys.map((k) => wanted.get(k)?.perSecond), keys.map((k) => wanted.get(k)?.burst), now],
  );
  const rows = await tx.query<
    { key: string; per_second: number; burst: number; full_at: number; paused_until: number | null }[]
  >(
    `select key, per_second, burst, ${epochMs('full_at')} as full_at, ${epochMs('paused_until')} as paused_until
     from ledger.rate_buckets where key = any($1::text[]) order by key for update`,
    [keys],
  );
  return new Map(
    rows.map((r) => [
      r.key,
      {
        key: r.key,
        perSecond: r.per_second,
        burst: r.burst,
        fullAt: r.full_at,
        pausedUntil: r.paused_until ?? undefined,
      },
    ]),
  );
}

/** Takes `cost` tokens; answers from when on they may be used. */
export function takeTokens(bucket: Bucket, cost: number, now: number): number {
  const perToken = 1000 / bucket.perSecond;
  bucket.fullAt = Math.max(bucket.fullAt, now) + cost * perToken;
  return Math.max(bucket.fullAt - bucket.burst * perToken, bucket.pausedUntil ?? 0);
}

/** Takes the tokens of jobs that are about to be granted; answers those that have to wait. */
export async function takeAllTokens(
  tx: EntityManager,
  jobs: readonly LockedJob[],
  now: number,
): Promise<Map<string, TokenRefusal>> {
  const refused = new Map<string, TokenRefusal>();
  const limited = jobs.flatMap((job) => {
    const rule = catalogue.kind(job.kind)?.rate;
    return rule ? [{ job, rule, key: bucketKey(job.tenantId, rule) }] : [];
  });
  if (limited.length === 0) return refused;
  const buckets = await lockBuckets(tx, new Map(limited.map(({ key, rule }) => [key, rule])), now);
  for (const { job, rule, key } of limited) {
    const bucket = buckets.get(key) as Bucket;
    const until = job.rateReserved ? (bucket.pausedUntil ?? 0) : takeTokens(bucket, rule.cost, now);
    if (until > now) refused.set(job.id, { key, until });
  }
  await tx.query(
    `update ledger.rate_buckets b set full_at = to_timestamp(u.full_at / 1000)
     from unnest($1::text[], $2::float8[]) as u(key, full_at) where b.key = u.key`,
    [[...buckets.keys()], [...buckets.values()].map((b) => b.fullAt)],
  );
  return refused;
}

/**
 * A provider asked for silence: nothing runs until then, and afterwards jobs come at the bucket's pace instead of all at
 * once.
 */
export async function pauseBucket(
  tx: EntityManager,
  key: string,
  rule: Pick<RateRule, 'perSecond' | 'burst'>,
  forMs: number,
): Promise<void> {
  await tx.query(
    `insert into ledger.rate_buckets as b (key, per_second, burst, full_at, paused_until)
     values ($1, $2::float8, $3::integer, clock_timestamp() + make_interval(secs => $4::float8 + ($3::integer - 1) / $2::float8),
             clock_timestamp() + make_interval(secs => $4::float8))
     on conflict (key) do update set
       paused_until = greatest(b.paused_until, excluded.paused_until),
       full_at = greatest(b.full_at, excluded.paused_until + make_interval(secs => (b.burst - 1) / b.per_second))`,
    [key, rule.perSecond, rule.burst, forMs / 1000],
  );
}
