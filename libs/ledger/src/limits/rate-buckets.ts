import { catalogue, type RateRule } from '@roundhouse/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { TokenBucket } from './token-bucket.js';

/** The rows behind the token buckets. Keys are "<bucket>|<tenant or *>". */
export const bucketKey = (tenantId: string, rule: Pick<RateRule, 'bucket' | 'acrossTenants'>): string =>
  `${rule.bucket}|${rule.acrossTenants ? '*' : tenantId}`;

export type Rate = Pick<RateRule, 'perSecond' | 'burst'>;

/** What the contract says of a bucket. Of several kinds that share one the first by name decides. */
export function contractRate(bucket: string): RateRule | undefined {
  return catalogue.kinds().find(({ rate }) => rate?.bucket === bucket)?.rate;
}

interface Row {
  key: string;
  per_second: number;
  burst: number;
  full_at: number;
  granted_full_at: number | null;
  paused_until: number | null;
}

const epochMs = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;
const columns = `key, per_second, burst, ${epochMs('full_at')} as full_at, ${epochMs("nullif(granted_full_at, '-infinity')")} as granted_full_at,
  ${epochMs('paused_until')} as paused_until`;

function fromRow(row: Row): TokenBucket {
  return {
    key: row.key,
    perSecond: row.per_second,
    burst: row.burst,
    fullAt: row.full_at,
    grantedFullAt: row.granted_full_at ?? 0,
    pausedUntil: row.paused_until ?? undefined,
  };
}

/** Locks the buckets, in key order, and makes those that are missing. Numbers of the contract follow the contract. */
export async function lockBuckets(
  tx: EntityManager,
  wanted: ReadonlyMap<string, Rate>,
): Promise<Map<string, TokenBucket>> {
  const keys = [...wanted.keys()].sort();
  await tx.query(
    `insert into ledger.rate_buckets as b (key, per_second, burst, full_at)
     select k, p, n, to_timestamp(0) from unnest($1::text[], $2::float8[], $3::integer[]) as w(k, p, n) order by k
     on conflict (key) do update set per_second = excluded.per_second, burst = excluded.burst
       where not b.overridden and (b.per_second, b.burst) is distinct from (excluded.per_second, excluded.burst)`,
    [keys, keys.map((k) => wanted.get(k)?.perSecond), keys.map((k) => wanted.get(k)?.burst)],
  );
  const rows = await tx.query<Row[]>(
    `select ${columns} from ledger.rate_buckets where key = any($1::text[]) order by key for update`,
    [keys],
  );
  return new Map(rows.map((row) => [row.key, fromRow(row)]));
}

/** Undefined: there is no such bucket. */
export async function lockBucket(tx: EntityManager, key: string): Promise<TokenBucket | undefined> {
  const rows = await tx.query<Row[]>(`select ${columns} from ledger.rate_buckets where key = $1 for update`, [key]);
  return rows[0] && fromRow(rows[0]);
}

export async function writeBuckets(tx: EntityManager, buckets: readonly TokenBucket[]): Promise<void> {
  await tx.query(
    `update ledger.rate_buckets b
     set full_at = to_timestamp(u.full_at / 1000), granted_full_at = to_timestamp(u.granted_full_at / 1000)
     from unnest($1::text[], $2::float8[], $3::float8[]) as u(key, full_at, granted_full_at) where b.key = u.key`,
    [buckets.map((b) => b.key), buckets.map((b) => b.fullAt), buckets.map((b) => b.grantedFullAt)],
  );
}

/**
 * A provider asked for silence: nothing starts until then, and afterwards jobs come at the bucket's pace instead of all at
 * once, oldest first: tokens that were set aside are void. A shorter silence than one under way changes nothing.
 */
export async function pauseBucket(tx: EntityManager, key: string, rate: Rate, forMs: number): Promise<void> {
  await tx.query(
    `insert into ledger.rate_buckets as b (key, per_second, burst, full_at, granted_full_at, paused_until)
     select $1, $2, $3, p.until + p.rest, p.until + p.rest, p.until
     from (select clock_timestamp() + make_interval(secs => $4::float8) as until,
                  make_interval(secs => ($3::integer - 1) / $2::float8) as rest) p
     on conflict (key) do update set
       paused_until = excluded.paused_until,
       full_at = greatest(b.granted_full_at, excluded.paused_until + make_interval(secs => (b.burst - 1) / b.per_second)),
       granted_full_at = greatest(b.granted_full_at, excluded.paused_until + make_interval(secs => (b.burst - 1) / b.per_second))
     where b.paused_until is null or b.paused_until < excluded.paused_until`,
    [key, rate.perSecond, rate.burst, forMs / 1000],
  );
  // At most as many as the bucket gives in the horizon. Those that are locked have been sent out already.
  await tx.query(
    `update ledger.jobs j set rate_reserved = false, due_at = null
     from (select id from ledger.jobs where state = 'blocked' and blocked_on = 'token:' || $1 and rate_reserved order by id
           for update skip locked) w
     where j.id = w.id`,
    [key],
  );
}

export interface BucketView extends TokenBucket {
  overridden: boolean;
  /** The database's clock. */
  now: number;
  /** The tenant's jobs that wait for the bucket; counted up to 10 000. */
  waiting: number;
}

/** The tenant's buckets and those across tenants, by key. One that nothing has used yet has no row. */
export async function readBuckets(dataSource: DataSource, tenantId: string): Promise<BucketView[]> {
  const rows = await dataSource.query<(Row & { overridden: boolean; now: number; waiting: number })[]>(
    `select ${columns}, overridden, ${epochMs('clock_timestamp()')} as now,
            (select count(*)::integer from (select from ledger.jobs j where j.state = 'blocked' and j.blocked_on = 'token:' || b.key
               and j.tenant_id = $1 limit 10000) w) as waiting
     from ledger.rate_buckets b where split_part(key, '|', 2) in ($1, '*') order by key`,
    [tenantId],
  );
  return rows.map((row) => ({ ...fromRow(row), overridden: row.overridden, now: row.now, waiting: row.waiting }));
}

/** The buckets of all tenants, as many as a metric has room for. */
export async function readAllBuckets(dataSource: DataSource): Promise<(TokenBucket & { now: number })[]> {
  const rows = await dataSource.query<(Row & { now: number })[]>(
    `select ${columns}, ${epochMs('clock_timestamp()')} as now from ledger.rate_buckets order by key limit 1000`,
  );
  return rows.map((row) => ({ ...fromRow(row), now: row.now }));
}

/** Sets the numbers of a bucket, or (undefined) goes back to the contract's. Holds for everything not yet set aside. */
export async function setRate(db: EntityManager, key: string, rate: Rate | undefined): Promise<void> {
  const { perSecond, burst } = rate ?? contractRate(key.split('|')[0] as string) ?? { perSecond: 1, burst: 1 };
  await db.query(
    `insert into ledger.rate_buckets as b (key, per_second, burst, full_at, overridden) values ($1, $2, $3, to_timestamp(0), $4)
     on conflict (key) do update set
       -- A full bucket stays full, a debt is paid off at the new pace.
       full_at = clock_timestamp() + greatest(b.full_at - clock_timestamp(), interval '0') * (b.per_second / excluded.per_second),
       granted_full_at = case when b.granted_full_at > clock_timestamp()
         then clock_timestamp() + (b.granted_full_at - clock_timestamp()) * (b.per_second / excluded.per_second)
         else b.granted_full_at end,
       per_second = excluded.per_second, burst = excluded.burst, overridden = excluded.overridden`,
    [key, perSecond, burst, rate !== undefined],
  );
}
