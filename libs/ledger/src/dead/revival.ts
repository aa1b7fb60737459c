import { catalogue, validatePayload, type KindDefinition } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import { jobOfKind, type LockedJob, type LockedJobs, type NewJob } from '../records/index.js';
import { reservedFields } from '../tenancy/index.js';
import { takeUniqueKeys } from '../transitions/index.js';

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
  const stored = options.payload ? new Map<string, Buffer>() : await readPayloads(tx, jobs);
  for (const job of jobs) {
    const definition = catalogue.kind(job.kind);
    const payload = options.payload ?? stored.get(job.id) ?? Buffer.alloc(0);
    const fault = faultOf(job, definition, payload, options.payload !== undefined);
    if (fault !== undefined || !definition) refused.set(job.id, fault ?? '');
    else fresh.set(job.id, { ...jobOfKind(definition, payload, job), id: job.id });
  }
  // Whoever is unique for a period counts from the first request; a redrive is none.
  const wanting = [...fresh.values()].filter(({ unique }) => unique && unique.periodMs === undefined);
  for (const [id, holder] of await takeUniqueKeys(tx, wanting)) {
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

async function readPayloads(tx: EntityManager, jobs: readonly LockedJob[]): Promise<Map<string, Buffer>> {
  const rows = await tx.query<{ id: string; payload: Buffer }[]>(
    `select id, payload from ledger.jobs where id = any($1::uuid[])`,
    [jobs.map((job) => job.id)],
  );
  return new Map(rows.map((row) => [row.id, row.payload]));
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
