import { MicroBatch } from '@roundhouse/jobs';
import { count } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from './ledger-database.js';
import { insertJobs, type NewJob } from './new-job.js';

/** Makes a repeated request answer like its first one. */
export interface IdempotencyKey {
  route: string;
  key: string;
  /** Hash of the canonical request body. */
  bodyHash: Buffer;
}

/** Jobs that are accepted together or not at all. */
export interface Submission {
  tenantId: string;
  jobs: NewJob[];
  idempotency?: IdempotencyKey;
}

export interface Accepted {
  jobIds: string[];
  /** The answer of an earlier request with the same idempotency key. */
  repeated: boolean;
}

/** The idempotency key was used before with another body. */
export class IdempotencyConflict extends Error {
  override readonly name = 'IdempotencyConflict';
}

interface KeyRow {
  tenant_id: string;
  route: string;
  key: string;
  body_hash: Buffer;
  job_ids: string[];
}

const keyOf = (tenantId: string, { route, key }: IdempotencyKey): string => JSON.stringify([tenantId, route, key]);

/**
 * Takes jobs into the ledger. Submissions that arrive at about the same time share one transaction, so that its commit
 * (an fsync) is paid once for all of them. Resolves after the commit.
 */
export class Acceptance {
  private readonly batch: MicroBatch<Submission, Accepted>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly onDispatch: () => void,
  ) {
    this.batch = new MicroBatch((submissions) => this.store(submissions), {
      maxItems: 1_000,
      weigh: ({ jobs }) => jobs.length,
      maxConcurrent: 2,
      lingerMs: 1,
    });
  }

  submit(submission: Submission): Promise<Accepted> {
    return this.batch.add(submission);
  }

  async drained(): Promise<void> {
    await this.batch.drained();
  }

  private async store(submissions: Submission[]): Promise<(Accepted | Error)[]> {
    const answers = await inTransaction(this.dataSource, (tx) => acceptAll(tx, submissions));
    let accepted = 0;
    answers.forEach((answer, i) => {
      if (answer instanceof Error || answer.repeated) return;
      for (const { tenantId: tenant, kind, queue } of submissions[i]?.jobs ?? [])
        count('jobsAccepted', { tenant, kind, queue });
      accepted += answer.jobIds.length;
    });
    if (accepted > 0) this.onDispatch();
    return answers;
  }
}

async function acceptAll(tx: EntityManager, submissions: Submission[]): Promise<(Accepted | Error)[]> {
  const earlier = await claimKeys(tx, submissions);
  const jobs: NewJob[] = [];
  const answers = submissions.map((submission) => {
    const { tenantId, idempotency } = submission;
    const holder = idempotency && earlier.get(keyOf(tenantId, idempotency));
    if (idempotency && holder && holder !== submission) return repeat(holder, idempotency);
    jobs.push(...submission.jobs);
    return { jobIds: submission.jobs.map((j) => j.id), repeated: false };
  });
  await insertJobs(tx, jobs);
  return answers;
}

type Holder = Submission | KeyRow;

function repeat(holder: Holder, { key, bodyHash }: IdempotencyKey): Accepted | Error {
  const first = 'jobs' in holder ? holder.idempotency?.bodyHash : holder.body_hash;
  if (!first?.equals(bodyHash))
    return new IdempotencyConflict(`Idempotency key ${key} was used before with another body`);
  return { jobIds: 'jobs' in holder ? holder.jobs.map((j) => j.id) : holder.job_ids, repeated: true };
}

/** Whoever holds each key: the submission of this batch that came first, or the row of an earlier request. */
async function claimKeys(tx: EntityManager, submissions: Submission[]): Promise<Map<string, Holder>> {
  const holders = new Map<string, Holder>();
  for (const submission of submissions) {
    if (!submission.idempotency) continue;
    const key = keyOf(submission.tenantId, submission.idempotency);
    if (!holders.has(key)) holders.set(key, submission);
  }
  if (holders.size === 0) return holders;
  // In key order, so that two gateways with the same keys wait for each other instead of deadlocking.
  const firsts = [...holders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, holder]) => holder as Submission);
  const rows = firsts.map(({ tenantId, jobs, idempotency }) => ({
    tenant_id: tenantId,
    route: idempotency?.route,
    key: idempotency?.key,
    body_hash: idempotency?.bodyHash.toString('hex'),
    job_ids: jobs.map((j) => j.id),
  }));
  const inserted = await tx.query<Pick<KeyRow, 'tenant_id' | 'route' | 'key'>[]>(
    `insert into ledger.idempotency_keys (tenant_id, route, key, body_hash, job_ids)
     select tenant_id, route, key, decode(body_hash, 'hex'), job_ids
     from jsonb_to_recordset($1::jsonb) as k(tenant_id text, route text, key text, body_hash text, job_ids uuid[])
     on conflict do nothing returning tenant_id, route, key`,
    [JSON.stringify(rows)],
  );
  const won = new Set(inserted.map((r) => keyOf(r.tenant_id, { ...r, bodyHash: Buffer.alloc(0) })));
  const lost = rows.filter((r) => !won.has(JSON.stringify([r.tenant_id, r.route, r.key])));
  if (lost.length === 0) return holders;
  const held = await tx.query<KeyRow[]>(
    `select tenant_id, route, key, body_hash, job_ids from ledger.idempotency_keys
     where (tenant_id, route, key) in (select tenant_id, route, key from jsonb_to_recordset($1::jsonb) as k(tenant_id text, route text, key text))`,
    [JSON.stringify(lost)],
  );
  for (const row of held) holders.set(JSON.stringify([row.tenant_id, row.route, row.key]), row);
  return holders;
}

const keptDays = 7;

export async function forgetIdempotencyKeys(dataSource: DataSource): Promise<void> {
  await dataSource.query(`delete from ledger.idempotency_keys where created_at < now() - make_interval(days => $1)`, [
    keptDays,
  ]);
}
