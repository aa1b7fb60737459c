import type { RetryPolicy, UniqueRule } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import { BatchParameters, queryPrepared } from '../storage/index.js';

/** What the request says of its uniqueness, instead of its kind. */
export type UniqueOverride = Partial<Omit<UniqueRule, 'fields' | 'heldUntil'>> & {
  /** Jobs of the tenant and kind with the same text are the same. @default the kind's fields */
  key?: string;
};

export interface Uniqueness extends Omit<UniqueRule, 'fields'> {
  key: Buffer;
  /** Stored with the job, for those who run it again. */
  override?: UniqueOverride;
}

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
  unique?: Uniqueness;
  batchId?: string;
  /** Its place in a workflow: the batch's graph. */
  workflow?: { ref: string; hasDependents: boolean };
  /** Jobs whose ends it waits for. @default 0 */
  pendingDependencies?: number;
  /** Another job follows it: that of the next request with its unique key. @default false */
  hasFollower?: boolean;
  /** When the request that asked for it arrived, by `performance.now()` of this process. */
  receivedAt?: number;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What comes from outside may be anything; in SQL it would break the whole batch. */
export const isJobId = (text: string): boolean => uuidPattern.test(text);

/**
 * Inserts jobs, and outbox rows for those that may run at once, in one statement. What is due later waits as
 * `scheduled` for the timekeeper, what depends on other jobs as `blocked` for their ends.
 */
export async function insertJobs(tx: EntityManager, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return;
  const parameters = new BatchParameters();
  parameters.array(
    'id',
    'uuid',
    jobs.map((j) => j.id),
  );
  const values = columns.map(([name, type, of]) => `${parameters.column(name, type, jobs.map(of))} as ${name}`);
  await queryPrepared(
    tx,
    `with input as (select u.id, ${values.join(', ')} from ${parameters.source})${insertSql}`,
    parameters.values,
  );
}

const columns: readonly [name: string, type: string, of: (job: NewJob) => unknown][] = [
  ['tenant_id', 'text', (j) => j.tenantId],
  ['kind', 'text', (j) => j.kind],
  ['version', 'integer', (j) => j.version],
  ['queue', 'text', (j) => j.queue],
  ['payload', 'bytea', (j) => asBuffer(j.payload)],
  ['timeout_ms', 'integer', (j) => j.timeoutMs],
  ['traceparent', 'text', (j) => j.traceparent],
  ['parent_id', 'uuid', (j) => j.parentId ?? null],
  ['run_at', 'timestamptz', (j) => j.runAt ?? null],
  ['deadline_at', 'timestamptz', (j) => j.deadlineAt ?? null],
  ['priority', 'smallint', (j) => j.priority ?? 0],
  ['retry_override', 'jsonb', (j) => (j.retry ? JSON.stringify(j.retry) : null)],
  // An array of arrays would have to be rectangular.
  ['slot_keys', 'jsonb', (j) => (j.slotKeys ? JSON.stringify(j.slotKeys) : null)],
  ['unique_key', 'bytea', (j) => j.unique?.key ?? null],
  ['unique_override', 'jsonb', (j) => (j.unique?.override ? JSON.stringify(j.unique.override) : null)],
  ['batch_id', 'uuid', (j) => j.batchId ?? null],
  ['workflow_ref', 'text', (j) => j.workflow?.ref ?? null],
  ['pending', 'integer', (j) => j.pendingDependencies ?? 0],
  ['has_dependents', 'boolean', (j) => j.workflow?.hasDependents === true || j.hasFollower === true],
  // An age instead of a time: the clocks of this process and of the database need not agree.
  ['age_ms', 'float8', (j) => (j.receivedAt === undefined ? null : Math.max(0, performance.now() - j.receivedAt))],
];

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const insertSql = `
  , inserted as (
    insert into ledger.jobs (id, tenant_id, kind, version, queue, state, payload, timeout_ms, traceparent, parent_id, run_at, due_at,
                             deadline_at, priority, retry_override, slot_keys, unique_key, unique_override, batch_id, workflow_ref,
                             pending_dependencies, has_dependents, blocked_on, received_at, created_at)
    select id, tenant_id, kind, version, queue,
           (case when pending > 0 then 'blocked' when run_at > now() then 'scheduled' else 'queued' end)::ledger.job_state,
           payload, timeout_ms, traceparent, parent_id, coalesce(run_at, now()),
           case when pending = 0 and run_at > now() then run_at end, deadline_at, priority, retry_override,
           case when slot_keys is not null then array(select jsonb_array_elements_text(slot_keys)) end, unique_key, unique_override,
           batch_id, workflow_ref, pending, has_dependents, case when pending > 0 then 'dependency' end,
           clock_timestamp() - make_interval(secs => age_ms / 1000), clock_timestamp()
    from input
    returning id, state, created_at, run_at, queue, tenant_id, priority
  ), waiting as (
    insert into ledger.job_history (job_id, type, attempt, at, detail)
    select id, state::text, 0, created_at,
           case state when 'blocked' then jsonb_build_object('on', 'dependency') else jsonb_build_object('run_at', run_at) end
    from inserted where state <> 'queued'
  )
  insert into ledger.outbox (job_id, delay_ms, queue, tenant_id, priority)
  select id, 0, queue, tenant_id, priority from inserted where state = 'queued'`;
