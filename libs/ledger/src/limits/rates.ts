import { catalogue, type RateRule } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import { type LockedJob, LockedJobs, type RulesOf } from '../records/index.js';
import { bucketKey, lockBucket, lockBuckets, writeBuckets } from './rate-buckets.js';
import { isPaused, reserve, use, type TokenBucket } from './token-bucket.js';

/**
 * Rate limits at the claim. A job that comes too early waits in the ledger, oldest first, and holds nothing. Only the
 * tokens of the next moment are set aside, job by job, so that a change of the rate or a provider's pause takes effect
 * at once, however many wait.
 */
export const tokenWait = (key: string): string => `token:${key}`;

export interface TokenRefusal {
  key: string;
  /** When the job may run; undefined: its turn has not come. */
  until: number | undefined;
}

/** How far ahead tokens are set aside. */
const horizonMs = 1_000;
const fillBatch = 1_000;

/** The oldest job that waits for each bucket without having a token. */
async function firstWaiting(tx: EntityManager, keys: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ key: string; id: string | null }[]>(
    `select k.key, (select j.id from ledger.jobs j
                    where j.state = 'blocked' and j.blocked_on = 'token:' || k.key and j.due_at is null order by j.id limit 1) as id
     from unnest($1::text[]) as k(key)`,
    [keys],
  );
  return new Map(rows.flatMap(({ key, id }) => (id === null ? [] : [[key, id] as const])));
}

interface Candidate {
  job: LockedJob;
  rule: RateRule;
  key: string;
}

function candidateOf(job: LockedJob): Candidate[] {
  const rule = catalogue.kind(job.kind)?.rate;
  return rule ? [{ job, rule, key: bucketKey(job.tenantId, rule) }] : [];
}

/** Whether a job of this kind needs tokens of the bucket before it runs. */
export const waitsFor = (job: LockedJob, key: string): boolean => candidateOf(job).some((own) => own.key === key);

/** Undefined: the tokens are the job's, it may run. Marks whether it has tokens set aside. */
function take(
  bucket: TokenBucket,
  { job, rule, key }: Candidate,
  now: number,
  behind: boolean,
): TokenRefusal | undefined {
  if (isPaused(bucket, now) || (behind && !job.rateReserved)) {
    job.rateReserved = false;
    return { key, until: undefined };
  }
  if (!job.rateReserved) {
    const from = reserve(bucket, rule.cost, now, now + horizonMs);
    if (from === undefined) return { key, until: undefined };
    job.rateReserved = true;
    if (from > now) return { key, until: from };
  }
  const from = use(bucket, rule.cost, now);
  return from > now ? { key, until: from } : undefined;
}

/** Takes the tokens of jobs that are about to be granted; answers those that have to wait. */
export async function takeAllTokens(
  tx: EntityManager,
  jobs: readonly LockedJob[],
  now: number,
): Promise<Map<string, TokenRefusal>> {
  const refused = new Map<string, TokenRefusal>();
  const limited = jobs.flatMap(candidateOf).sort((a, b) => (a.job.id < b.job.id ? -1 : 1));
  if (limited.length === 0) return refused;
  const buckets = await lockBuckets(tx, new Map(limited.map(({ key, rule }) => [key, rule])));
  const first = await firstWaiting(tx, [...buckets.keys()]);
  for (const candidate of limited) {
    const { job, key } = candidate;
    const behind = (first.get(key) ?? job.id) < job.id;
    const refusal = take(buckets.get(key) as TokenBucket, candidate, now, behind);
    if (!refusal) continue;
    refused.set(job.id, refusal);
    if (refusal.until === undefined && !behind) first.set(key, job.id);
  }
  await writeBuckets(tx, [...buckets.values()]);
  return refused;
}

/** Jobs that wait for the bucket without a token, oldest first, locked; those that are locked already are left out. */
async function waitingJobs(tx: EntityManager, key: string, rulesOf: RulesOf): Promise<LockedJobs> {
  const rows = await tx.query<{ id: string }[]>(
    `select id from ledger.jobs where state = 'blocked' and blocked_on = $1 and due_at is null
     order by id limit ${fillBatch} for update skip locked`,
    [tokenWait(key)],
  );
  return LockedJobs.byId(
    tx,
    rows.map((row) => row.id),
    rulesOf,
  );
}

/**
 * Sets the next moment's tokens aside for the jobs that have waited longest: each is told its time. Answers undefined
 * when nothing could be done, and whether there may be more to do at once.
 */
export async function fillBucket(
  tx: EntityManager,
  key: string,
  rulesOf: RulesOf,
): Promise<{ jobs: LockedJobs; more: boolean } | undefined> {
  const bucket = await lockBucket(tx, key);
  const jobs = await waitingJobs(tx, key, rulesOf);
  const { now } = jobs;
  if (jobs.all().length === 0 || (bucket && isPaused(bucket, now))) return undefined;
  let served = 0;
  for (const job of jobs.all()) {
    const cost = catalogue.kind(job.kind)?.rate?.cost ?? 1;
    const from = bucket ? reserve(bucket, cost, now, now + horizonMs) : now;
    if (from === undefined) break;
    served += 1;
    job.rateReserved = bucket !== undefined;
    if (from <= now) {
      jobs.apply(job, { type: 'unblock' });
      jobs.note(job, 'queued', { reason: 'token', bucket: key });
    } else {
      jobs.apply(job, { type: 'hold', on: tokenWait(key), until: from });
    }
  }
  await jobs.write();
  if (bucket) await writeBuckets(tx, [bucket]);
  return { jobs, more: served === fillBatch };
}
