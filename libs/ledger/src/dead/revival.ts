import { catalogue, validatePayload, type KindDefinition } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import { jobOfKind, type LockedJob, type LockedJobs, type NewJob, type UniqueOverride } from '../records/index.js';
import { reservedFields } from '../tenancy/index.js';
import { keyOf, readUniqueKeys, takeUniqueKeys } from '../transitions/index.js';

export interface RevivalOptions {
  /** Takes the place of the payload; it has been validated against the contract. */
  payload?: Uint8Array;
  /** Not to run before, in ms of the database's clock. @default at once */
  runAt?: number;
  /** The redrive that does it. */
  redriveId?: string;
}

/** A payload that the ledger kept although it is no request of the kind: the bytes of a whole delivery. */
const isRawDelivery = (job: LockedJob): boolean => job.version === 0;

/**
 * Gives locked dead jobs a second life; answers, by job, why one cannot have it. The caller writes the jobs in the same
 * transaction.
 */
export async function revive(
  tx: EntityManager,
  locked: LockedJobs,
  jobs: readonly LockedJob[],
  options: RevivalOptions = {},
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const fresh = new Map<string, NewJob>();
  const stored = await readStored(tx, jobs);
  for (const job of jobs) {
    const definition = catalogue.kind(job.kind);
    const payload = options.payload ?? stored.get(job.id)?.payload ?? Buffer.alloc(0);
    const fault = faultOf(job, definition, payload, options.payload !== undefined);
    if (fault !== undefined || !definition) refused.set(job.id, fault ?? '');
    else {
      const { tenantId, traceparent } = job;
      const overrides = { unique: stored.get(job.id)?.unique_override ?? undefined };
      fresh.set(job.id, { ...jobOfKind(definition, payload, { tenantId, traceparent, overrides }), id: job.id });
    }
  }
  for (const [id, holder] of await keptOut(tx, [...fresh.values()])) {
    refused.set(id, `Job ${holder} has the same unique values and is not over`);
  }
  const revived = jobs.filter((job) => !refused.has(job.id));
  for (const job of revived) {
    if (options.payload) await replacePayload(tx, job, fresh.get(job.id) as NewJob);
    const patch = options.payload ? { checkpoint: null, checkpointAttempt: null } : {};
    locked.apply(job, { type: 'redrive', runAt: options.runAt }, patch);
    locked.note(job, job.status.state, {
      reason: 'redriven',
      ...(options.redriveId && { redrive: options.redriveId }),
      ...(options.payload && { payload: 'edited' }),
    });
    job.redriveId = options.redriveId ?? null;
  }
  await tx.query(`update ledger.jobs set redrive_id = $2, discarded_at = null where id = any($1::uuid[])`, [
    revived.map((job) => job.id),
    options.redriveId ?? null,
  ]);
  return refused;
}

interface StoredRequest {
  id: string;
  payload: Buffer;
  unique_override: UniqueOverride | null;
}

async function readStored(tx: EntityManager, jobs: readonly LockedJob[]): Promise<Map<string, StoredRequest>> {
  const rows = await tx.query<StoredRequest[]>(
    `select id, payload, unique_override from ledger.jobs where id = any($1::uuid[])`,
    [jobs.map((job) => job.id)],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Takes unique keys again; answers, by job, who holds those that are not free. */
async function keptOut(tx: EntityManager, jobs: readonly NewJob[]): Promise<Map<string, string>> {
  const firsts = new Map<string, NewJob>();
  const refused = new Map<string, string>();
  // Whoever is unique for a period alone counts from the first request; a redrive is none.
  for (const job of jobs.filter(({ unique }) => unique && (unique.whileRunning ?? unique.periodMs === undefined))) {
    const first = firsts.get(keyOf(job));
    if (first) refused.set(job.id, first.id);
    else firsts.set(keyOf(job), job);
  }
  const wanting = [...firsts.values()];
  const taken = await takeUniqueKeys(
    tx,
    wanting.map((job) => ({ job })),
  );
  const left = wanting.filter((job) => !taken.has(keyOf(job)));
  const held = await readUniqueKeys(tx, left.map(keyOf));
  const over = await jobsThatAreOver(
    tx,
    [...held.values()].map(({ jobId }) => jobId),
  );
  for (const job of left) {
    const row = held.get(keyOf(job));
    if (row?.jobId === job.id) continue;
    // One whose job is over is held for a period, or by a death: neither keeps a redrive out.
    const free = row && over.has(row.jobId) && (await takeUniqueKeys(tx, [{ job, from: row.jobId }])).size > 0;
    if (!free) refused.set(job.id, row?.jobId ?? 'unknown');
  }
  return refused;
}

async function jobsThatAreOver(tx: EntityManager, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.query<{ id: string }[]>(
    `select id from unnest($1::uuid[]) as u(id) where not exists (
       select from ledger.jobs j where j.id = u.id and j.state not in ('succeeded', 'dead', 'cancelled'))`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

function faultOf(
  job: LockedJob,
  definition: KindDefinition | undefined,
  payload: Uint8Array,
  edited: boolean,
): string | undefined {
  const { state } = job.status;
  if (state !== 'dead') return `The job is ${state}; only dead jobs are redriven`;
  if (!definition) return `Kind ${job.kind} is not in the contract`;
  if (edited) return undefined;
  if (isRawDelivery(job))
    return 'Its delivery could not be read, so there is no payload; redrive it with an edited one';
  try {
    const { requestType } = definition;
    const reserved = reservedFields(job.tenantId, requestType, payload);
    const [violation] = [...validatePayload(requestType, payload), ...reserved];
    return (
      violation &&
      `The payload does not fit the contract (${violation.path}: ${violation.message}); redrive it with an edited one`
    );
  } catch {
    return 'The payload cannot be read; redrive it with an edited one';
  }
}

/** With everything that follows from a payload. Deliveries with the old one may be under way: the grant brings the new one. */
async function replacePayload(tx: EntityManager, job: LockedJob, fresh: NewJob): Promise<void> {
  await tx.query(
    `update ledger.jobs set payload = $2, payload_replaced = true, version = $3, queue = $4, unique_key = $5,
       slot_keys = case when $6::jsonb is not null then array(select jsonb_array_elements_text($6::jsonb)) end,
       timeout_ms = case when timeout_ms > 0 then timeout_ms else $7 end
     where id = $1`,
    [
      job.id,
      Buffer.from(fresh.payload),
      fresh.version,
      fresh.queue,
      fresh.unique?.key ?? null,
      fresh.slotKeys ? JSON.stringify(fresh.slotKeys) : null,
      fresh.timeoutMs,
    ],
  );
  const { version, queue, slotKeys = null } = fresh;
  Object.assign(job, { version, queue, slotKeys, unique: fresh.unique !== undefined, payloadReplaced: true });
}
