import type { RetryPolicy, UniqueRule } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

/** A job to be created. Its payload has been validated against the contract. */
export interface NewJob {
  id: string;
  tenantId: string;
  kind: string;
  version: number;
  queue: string;
  payload: Uint8Array;
  timeoutMs: number;
  traceparent: string;
  parentId?: string;
  /** Undefined: at once. */
  runAt?: Date;
  /** No attempt starts after this. */
  deadlineAt?: Date;
  /** Higher goes first while waiting to be sent out. @default 0 */
  priority?: number;
  retry?: Partial<RetryPolicy>;
  slotKeys?: string[];
  unique?: { key: Buffer; mode: UniqueRule['mode']; periodMs: number | undefined };
  batchId?: string;
}

export const newJobId = (): string => uuidv7();

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What comes from outside may be anything; in SQL it would break the whole batch. */
export const isJobId = (text: string): boolean => uuidPattern.test(text);

/**
 * Inserts jobs, and outbox rows for those that may run at once, in one statement. What is due later waits as
 * `scheduled` for the timekeeper.
 */
export async function insertJobs(tx: EntityManager, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return;
  await tx.query(insertSql, [
    jobs.map((j) => j.id),
    jobs.map((j) => j.tenantId),
    jobs.map((j) => j.kind),
    jobs.map((j) => j.version),
    jobs.map((j) => j.queue),
    jobs.map((j) => Buffer.from(j.payload)),
    jobs.map((j) => j.timeoutMs),
    jobs.map((j) => j.traceparent),
    jobs.map((j) => j.parentId ?? null),
    jobs.map((j) => j.runAt ?? null),
    jobs.map((j) => j.deadlineAt ?? null),
    jobs.map((j) => j.priority ?? 0),
    jobs.map((j) => (j.retry ? JSON.stringify(j.retry) : null)),
    // An array of arrays would have to be rectangular.
    jobs.map((j) => (j.slotKeys ? JSON.stringify(j.slotKeys) : null)),
    jobs.map((j) => j.unique?.key ?? null),
    jobs.map((j) => j.batchId ?? null),
  ]);
}

const insertSql = `
  with input as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::bytea[], $7::integer[], $8::text[],
                         $9::uuid[], $10::timestamptz[], $11::timestamptz[], $12::smallint[], $13::jsonb[], $14::jsonb[], $15::bytea[],
                         $16::uuid[])
      as i(id, tenant_id, kind, version, queue, payload, timeout_ms, traceparent, parent_id, run_at, deadline_at, priority,
           retry_override, slot_keys, unique_key, batch_id)
  ), inserted as (
    insert into ledger.jobs (id, tenant_id, kind, version, queue, state, payload, timeout_ms, traceparent, parent_id, run_at, due_at,
                             deadline_at, priority, retry_override, slot_keys, unique_key, batch_id)
    select id, tenant_id, kind, version, queue,
           (case when run_at > now() then 'scheduled' else 'queued' end)::ledger.job_state,
           payload, timeout_ms, traceparent, parent_id, coalesce(run_at, now()),
           case when run_at > now() then run_at end, deadline_at, priority, retry_override,
           case when slot_keys is not null then array(select jsonb_array_elements_text(slot_keys)) end, unique_key, batch_id
    from input
    returning id, state
  )
  insert into ledger.outbox (job_id, delay_ms) select id, 0 from inserted where state = 'queued'`;
