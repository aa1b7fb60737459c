import { JobDelivery } from '@roundhouse/contracts';
import { isFinal } from '@roundhouse/jobs';
import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction, storable, type StoredError } from '../storage/index.js';
import {
  fingerprintOf,
  isJobId,
  type LockedJob,
  LockedJobs,
  newJobId,
  Refusals,
  type RulesOf,
} from '../records/index.js';
import { announceJobs, type ChangedJob, writeJobs } from '../transitions/index.js';

/** A delivery that nobody can run, as far as its properties can be believed. */
export interface QuarantinedDelivery {
  jobId: string | undefined;
  tenantId: string | undefined;
  kind: string | undefined;
  queue: string | undefined;
  reason: string;
  /** The original bytes of the message body. */
  body: Buffer;
}

/** Tenant of deliveries that do not say whose they are: only operators see them. */
export const unknownTenant = 'unknown';

/**
 * Makes poison visible: its job becomes dead with the reason, if the ledger knows of such a delivery. Bytes of no known job, and what says of a job that is
 * there what is not so, are kept as a dead job of their own: whoever may publish could end everybody's jobs otherwise.
 */
export class Quarantine {
  private readonly refusals = new Refusals();

  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly onChanged: (jobs: Iterable<ChangedJob>) => void,
  ) {}

  async record(delivery: QuarantinedDelivery): Promise<void> {
    const error: StoredError = { code: 'POISON', message: storable(delivery.reason), retryable: false };
    let claimsToBe: string | undefined;
    const known = await inTransaction(this.dataSource, async (tx) => {
      if (!delivery.jobId || !isJobId(delivery.jobId)) return undefined;
      const locked = await LockedJobs.byId(tx, [delivery.jobId], this.rulesOf);
      const job = locked.get(delivery.jobId);
      if (!job) return undefined;
      if (isFinal(job.status.state)) return [];
      if (job.payloadReplaced && (await isStale(tx, job.id, delivery.body))) return [];
      if (!(await isOut(tx, job, delivery))) {
        claimsToBe = job.id;
        return undefined;
      }
      if (locked.apply(job, { type: 'poison' }, { error }).changed) locked.note(job, 'dead', { error });
      else this.refusals.note(locked, job, { attempt: job.status.attempt, workerId: quarantined }, held(error.message));
      return writeJobs(tx, locked, this.rulesOf);
    });
    if (known) announceJobs(known, { onChanged: this.onChanged });
    else if (claimsToBe === undefined) await this.keep(delivery, error);
    else
      await this.keep({ ...delivery, tenantId: undefined }, { ...error, message: impostor(claimsToBe, error.message) });
  }

  /** Those of the deliveries that are what the ledger has sent to this queue, or would. */
  async genuine(queue: string, deliveries: readonly JobDelivery[]): Promise<JobDelivery[]> {
    const rows = await this.dataSource.query<SentJob[]>(
      `select id, tenant_id, kind, version, payload, timeout_ms::float8 as timeout_ms from ledger.jobs where id = any($1::uuid[]) and queue = $2`,
      [deliveries.map(({ jobId }) => jobId).filter(isJobId), storable(queue)],
    );
    const jobs = new Map(rows.map((row) => [row.id, row]));
    return deliveries.filter((delivery) => isSame(delivery, jobs.get(delivery.jobId)));
  }

  private async keep({ tenantId, kind, queue, body }: QuarantinedDelivery, error: StoredError): Promise<void> {
    await this.dataSource.query(
      `insert into ledger.jobs (id, tenant_id, kind, version, queue, state, payload, timeout_ms, traceparent, run_at, error, fingerprint, finished_at)
       values ($1, $2, $3, 0, $4, 'dead', $5, 0, '', now(), $6::jsonb, $7, now())`,
      [
        newJobId(),
        storable(tenantId ?? unknownTenant),
        storable(kind ?? 'unknown'),
        storable(queue ?? 'unknown'),
        body,
        JSON.stringify(error),
        fingerprintOf(kind ?? 'unknown', 0, error),
      ],
    );
  }
}

const quarantined = 'quarantine';
/** Whoever was granted it reports for it, and nobody else can end it. */
const held = (reason: string): string => `a delivery of it in quarantine, while a worker runs it: ${reason}`;

interface SentJob {
  id: string;
  tenant_id: string;
  kind: string;
  version: number;
  payload: Buffer;
  timeout_ms: number;
}

function isSame({ tenantId, kind, contractVersion, payload, timeout }: JobDelivery, job: SentJob | undefined): boolean {
  if (job?.tenant_id !== tenantId || job.kind !== kind || job.version !== contractVersion) return false;
  const timeoutMs = timeout && timeout.seconds * 1000 + timeout.nanos / 1e6;
  return timeoutMs === job.timeout_ms && job.payload.equals(payload);
}

const impostor = (jobId: string, reason: string): string =>
  `Says to be of job ${jobId}, which has no such delivery under way: ${reason}`;

/** A delivery of that kind, queue and tenant has left the outbox and may not have been claimed. */
async function isOut(
  tx: EntityManager,
  job: LockedJob,
  { tenantId, kind, queue }: QuarantinedDelivery,
): Promise<boolean> {
  if (job.tenantId !== tenantId || job.kind !== kind || job.queue !== queue) return false;
  // A running job is held by a worker that could read it: nothing will be done to it.
  if (!['queued', 'retrying', 'running'].includes(job.status.state)) return false;
  const waiting = await tx.query<unknown[]>(`select from ledger.outbox where job_id = $1 limit 1`, [job.id]);
  return waiting.length === 0;
}

/** A delivery from before the job's payload was replaced: what is wrong with it says nothing about the job. */
async function isStale(tx: EntityManager, jobId: string, body: Buffer): Promise<boolean> {
  const delivered = deliveredPayload(body);
  if (!delivered) return false;
  const [row] = await tx.query<{ payload: Buffer }[]>(`select payload from ledger.jobs where id = $1`, [jobId]);
  return row !== undefined && !row.payload.equals(delivered);
}

function deliveredPayload(body: Buffer): Buffer | undefined {
  try {
    return JobDelivery.decode(body).payload;
  } catch {
    return undefined; // garbage under the job's id
  }
}
