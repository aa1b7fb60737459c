import type { DataSource, EntityManager } from 'typeorm';
import type { Accepted, IdempotencyKey, StandIn, Submission } from './submission.js';

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
  stand_ins: Record<number, StandIn> | null;
}

export const keyOf = (tenantId: string, { route, key }: IdempotencyKey): string =>
  JSON.stringify([tenantId, route, key]);

export type Holder = Submission | KeyRow;

/**
 * The first request's answer again, or a conflict when this one is another.
 * @param first the answer, when the first request is in the same batch and its row is not yet written for good
 */
export function repeat(
  holder: Holder,
  { key, bodyHash }: IdempotencyKey,
  first: Accepted | Error | undefined,
): Accepted | Error {
  const hash = 'jobs' in holder ? holder.idempotency?.bodyHash : holder.body_hash;
  if (!hash?.equals(bodyHash))
    return new IdempotencyConflict(`Idempotency key ${key} was used before with another body`);
  if (first instanceof Error) return first;
  const jobIds = first?.jobIds ?? ('jobs' in holder ? holder.jobs.map((j) => j.id) : holder.job_ids);
  const standIns = first ? first.standIns : 'jobs' in holder ? undefined : (holder.stand_ins ?? undefined);
  return { jobIds, repeated: true, existing: first?.existing ?? [], ...(standIns && { standIns }) };
}

/** The jobs that a key answers with, where they turned out to be others than the request's own. */
export async function rewriteKeys(
  tx: EntityManager,
  answers: readonly { submission: Submission; jobIds: string[]; standIns?: Accepted['standIns'] }[],
): Promise<void> {
  for (const { submission, jobIds, standIns } of answers) {
    const { tenantId, idempotency } = submission;
    await tx.query(
      `update ledger.idempotency_keys set job_ids = $4::uuid[], stand_ins = $5::jsonb
       where tenant_id = $1 and route = $2 and key = $3`,
      [tenantId, idempotency?.route, idempotency?.key, jobIds, standIns ? JSON.stringify(standIns) : null],
    );
  }
}

/** A refused request must be judged anew when it comes again. */
export async function forgetKeys(tx: EntityManager, refused: readonly Submission[]): Promise<void> {
  const keys = refused.flatMap(({ tenantId, idempotency }) => (idempotency ? [{ tenantId, ...idempotency }] : []));
  if (keys.length === 0) return;
  await tx.query(
    `delete from ledger.idempotency_keys where (tenant_id, route, key) in (select * from unnest($1::text[], $2::text[], $3::text[]))`,
    [keys.map((k) => k.tenantId), keys.map((k) => k.route), keys.map((k) => k.key)],
  );
}

/** Whoever holds each key: the submission of this batch that came first, or the row of an earlier request. */
export async function claimKeys(tx: EntityManager, submissions: Submission[]): Promise<Map<string, Holder>> {
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
    `select tenant_id, route, key, body_hash, job_ids, stand_ins from ledger.idempotency_keys
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
