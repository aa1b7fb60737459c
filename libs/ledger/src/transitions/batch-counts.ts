import { catalogue } from '@roundhouse/contracts';
import { isFinal, type JobState } from '@roundhouse/jobs';
import { newTraceparent } from '@roundhouse/telemetry';
import type { EntityManager } from 'typeorm';
import { insertJobs, jobOfKind, type LockedJob, type NewJob } from '../records/index.js';
import { notifyWebhooks } from '../notices/index.js';

/** A job that a batch creates when something happens to it. */
export interface StoredCallback {
  kind: string;
  /** Base64 of the request message. */
  payload: string;
}

export type CallbackName = 'on_success' | 'on_death' | 'on_complete';

export interface CountedBatch {
  id: string;
  tenant_id: string;
  sealed: boolean;
  total: number;
  succeeded: number;
  dead: number;
  cancelled: number;
  on_success: StoredCallback | null;
  on_death: StoredCallback | null;
  on_complete: StoredCallback | null;
  callback_jobs: Partial<Record<CallbackName, string>>;
  traceparent: string;
  is_finished: boolean;
}

interface Delta {
  succeeded: number;
  dead: number;
  cancelled: number;
}

/** By how much the counters of each batch change: a job that ended counts, one that was brought back from its end no longer does. */
function deltas(changed: Iterable<LockedJob>): Map<string, Delta> {
  const found = new Map<string, Delta>();
  for (const { batchId, stateBefore, status } of changed) {
    if (batchId === null || stateBefore === status.state) continue;
    const delta = found.get(batchId) ?? { succeeded: 0, dead: 0, cancelled: 0 };
    add(delta, stateBefore, -1);
    add(delta, status.state, 1);
    found.set(batchId, delta);
  }
  return new Map([...found].filter(([, delta]) => Object.values(delta).some((n) => n !== 0)));
}

function add(delta: Delta, state: JobState, n: number): void {
  if (isFinal(state)) delta[state as keyof Delta] += n;
}

/**
 * Counts the jobs of this transaction in their batches, and creates the callbacks of those that are thereby complete. The
 * caller has no row left to lock: batches come last and in id order, so two transactions never wait for each other.
 */
export async function countBatches(tx: EntityManager, changed: Iterable<LockedJob>): Promise<void> {
  const jobs = [...changed];
  const byBatch = deltas(jobs);
  for (const job of jobs) job.stateBefore = job.status.state;
  if (byBatch.size === 0) return;
  const ids = [...byBatch.keys()];
  const column = (name: keyof Delta) => ids.map((id) => byBatch.get(id)?.[name]);
  const batches = await tx.query<[CountedBatch[], number]>(
    `with locked as (select id from ledger.batches where id = any($1::uuid[]) order by id for update)
     update ledger.batches b set
       succeeded = b.succeeded + d.succeeded, dead = b.dead + d.dead, cancelled = b.cancelled + d.cancelled
     from unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[]) as d(id, succeeded, dead, cancelled), locked l
     where b.id = d.id and l.id = b.id
     returning ${batchColumns}`,
    [ids, column('succeeded'), column('dead'), column('cancelled')],
  );
  await settleBatches(tx, batches[0]);
}

export const batchColumns = `b.id, b.tenant_id, b.sealed, b.total, b.succeeded, b.dead, b.cancelled, b.on_success, b.on_death,
  b.on_complete, b.callback_jobs, b.traceparent, b.finished_at is not null as is_finished`;

/** Marks locked batches as finished or open again and calls back, each callback at most once in a batch's life. */
export async function settleBatches(tx: EntityManager, batches: readonly CountedBatch[]): Promise<void> {
  const callbacks: NewJob[] = [];
  for (const batch of batches) {
    const finished = isComplete(batch);
    const due = dueCallbacks(batch, finished);
    const created = due.flatMap((name) => callbackJob(batch, batch[name], name));
    callbacks.push(...created.map(({ job }) => job));
    if (created.length === 0 && finished === batch.is_finished) continue;
    const ids = Object.fromEntries(created.map(({ name, job }) => [name, job.id]));
    await tx.query(
      `update ledger.batches set callback_jobs = callback_jobs || $2::jsonb,
         finished_at = case when $3 then coalesce(finished_at, clock_timestamp()) end
       where id = $1`,
      [batch.id, JSON.stringify(ids), finished],
    );
  }
  await insertJobs(tx, callbacks);
  await tellOfBatches(
    tx,
    batches.filter((batch) => isComplete(batch) && !batch.is_finished),
  );
}

async function tellOfBatches(tx: EntityManager, completed: readonly CountedBatch[]): Promise<void> {
  const at = new Date();
  const messages = completed.map(({ id, tenant_id: tenantId, total, succeeded, dead, cancelled, traceparent }) => {
    const data = { batch_id: id, total, succeeded, dead, cancelled };
    return { tenantId, type: 'batch.completed', at, data, traceparent };
  });
  await notifyWebhooks(tx, messages);
}

const isComplete = ({ sealed, total, succeeded, dead, cancelled }: CountedBatch): boolean =>
  sealed && succeeded + dead + cancelled === total;

function dueCallbacks(batch: CountedBatch, finished: boolean): CallbackName[] {
  const due: CallbackName[] = [];
  if (batch.dead > 0) due.push('on_death');
  if (finished && batch.succeeded === batch.total) due.push('on_success');
  if (finished) due.push('on_complete');
  return due.filter((name) => batch[name] !== null && batch.callback_jobs[name] === undefined);
}

function callbackJob(
  batch: CountedBatch,
  callback: StoredCallback | null,
  name: CallbackName,
): { name: CallbackName; job: NewJob }[] {
  const definition = callback && catalogue.kind(callback.kind);
  if (!definition) return []; // the kind has left the contract since the batch was made
  const origin = { tenantId: batch.tenant_id, traceparent: batch.traceparent || newTraceparent() };
  return [{ name, job: jobOfKind(definition, Buffer.from(callback.payload, 'base64'), origin) }];
}
