import { count } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type Accepted, acceptAll, type IdempotencyKey, rewriteKeys } from '../acceptance/index.js';
import {
  batchColumns,
  type CallbackName,
  type CountedBatch,
  settleBatches,
  type StoredCallback,
} from '../transitions/index.js';
import { inTransaction } from '../storage/index.js';
import type { NewJob, RulesOf } from '../records/index.js';

export interface NewBatch {
  tenantId: string;
  name: string;
  jobs: NewJob[];
  /** Sealed: nothing can be added, and the batch is complete when all of its jobs are. */
  sealed: boolean;
  callbacks: Partial<Record<CallbackName, { kind: string; payload: Uint8Array }>>;
  traceparent: string;
  idempotency?: IdempotencyKey;
}

export interface CreatedBatch {
  id: string;
  jobIds: string[];
  /** Places in the request of jobs that will not run: the one at their place in `jobIds` has their unique key. */
  dropped: number[];
  repeated: boolean;
}

/** Of an answer: which of the jobs will not run. */
const droppedOf = ({ standIns = {} }: Accepted): number[] =>
  Object.entries(standIns).flatMap(([at, standIn]) => (standIn.dropped ? [Number(at)] : []));

/** Nothing can be added: the batch is sealed or being cancelled. */
export class BatchClosed extends Error {
  override readonly name = 'BatchClosed';
}

/** Jobs that are counted together: created, added to, sealed. */
export class Batches {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly onDispatch: () => void,
  ) {}

  /** All or nothing. Throws IdempotencyConflict, UniqueConflict. */
  async create(batch: NewBatch): Promise<CreatedBatch> {
    const { tenantId, idempotency } = batch;
    const id = uuidv7();
    for (const job of batch.jobs) job.batchId = id;
    const created = await inTransaction(this.dataSource, async (tx) => {
      const submission = { tenantId, jobs: batch.jobs, idempotency };
      const [answer] = await acceptAll(tx, [submission], this.rulesOf);
      if (!answer || answer instanceof Error) throw answer ?? new Error('The batch was not accepted');
      const dropped = droppedOf(answer);
      if (answer.repeated)
        return { id: answer.jobIds[0] as string, jobIds: answer.jobIds.slice(1), dropped, repeated: true };
      await insertBatch(tx, id, batch, answer.jobIds.length - answer.existing.length);
      // The key answers with the batch, and then with its jobs.
      const { jobIds, standIns } = answer;
      if (idempotency) await rewriteKeys(tx, [{ submission, jobIds: [id, ...jobIds], standIns }]);
      await settleBatches(tx, await locked(tx, id));
      return { id, jobIds, dropped, repeated: false };
    });
    if (!created.repeated) this.accepted(batch.jobs);
    return created;
  }

  /** Undefined: the tenant has no such batch. Throws BatchClosed, IdempotencyConflict, UniqueConflict. */
  async add(
    tenantId: string,
    batchId: string,
    jobs: NewJob[],
    idempotency?: IdempotencyKey,
  ): Promise<{ jobIds: string[]; dropped: number[]; total: number } | undefined> {
    for (const job of jobs) job.batchId = batchId;
    const added = await inTransaction(this.dataSource, async (tx) => {
      const [found] = await tx.query<{ total: number }[]>(
        `select total from ledger.batches where id = $1 and tenant_id = $2 and not is_workflow`,
        [batchId, tenantId],
      );
      if (!found) return undefined;
      const [answer] = await acceptAll(tx, [{ tenantId, jobs, idempotency }], this.rulesOf);
      if (!answer || answer instanceof Error) throw answer ?? new Error('The jobs were not accepted');
      const { jobIds, repeated } = answer;
      const dropped = droppedOf(answer);
      if (repeated) return { jobIds, dropped, total: found.total, repeated };
      // The batch's row comes last, as everywhere: whoever holds it waits for nobody.
      const [rows] = await tx.query<[{ total: number }[], number]>(
        `update ledger.batches set total = total + $2 where id = $1 and not sealed and cancel_requested_at is null returning total`,
        [batchId, answer.jobIds.length - answer.existing.length],
      );
      if (!rows[0]) throw new BatchClosed('The batch is sealed: nothing can be added to it any more');
      return { jobIds, dropped, total: rows[0].total, repeated };
    });
    if (added && !added.repeated) this.accepted(jobs);
    return added && { jobIds: added.jobIds, dropped: added.dropped, total: added.total };
  }

  /** False: the tenant has no such batch. Sealing twice changes nothing. */
  async seal(tenantId: string, batchId: string): Promise<boolean> {
    return inTransaction(this.dataSource, async (tx) => {
      const [rows] = await tx.query<[CountedBatch[], number]>(
        `update ledger.batches b set sealed = true where b.id = $1 and b.tenant_id = $2 and not b.is_workflow returning ${batchColumns}`,
        [batchId, tenantId],
      );
      await settleBatches(tx, rows);
      if (rows.length > 0) this.onDispatch();
      return rows.length > 0;
    });
  }

  private accepted(jobs: readonly NewJob[]): void {
    for (const { tenantId: tenant, kind, queue } of jobs) count('jobsAccepted', { tenant, kind, queue });
    this.onDispatch();
  }
}

async function locked(tx: EntityManager, id: string): Promise<CountedBatch[]> {
  return tx.query<CountedBatch[]>(`select ${batchColumns} from ledger.batches b where b.id = $1 for update`, [id]);
}

export async function insertBatch(
  tx: EntityManager,
  id: string,
  { tenantId, name, sealed, callbacks, traceparent }: Omit<NewBatch, 'jobs'>,
  total: number,
  isWorkflow = false,
): Promise<void> {
  const stored = (callback: CallbackName): string | null => {
    const wanted = callbacks[callback];
    if (!wanted) return null;
    const json: StoredCallback = { kind: wanted.kind, payload: Buffer.from(wanted.payload).toString('base64') };
    return JSON.stringify(json);
  };
  await tx.query(
    `insert into ledger.batches (id, tenant_id, name, is_workflow, sealed, total, on_success, on_death, on_complete, traceparent)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb, $10)`,
    [
      id,
      tenantId,
      name,
      isWorkflow,
      sealed,
      total,
      stored('on_success'),
      stored('on_death'),
      stored('on_complete'),
      traceparent,
    ],
  );
}
