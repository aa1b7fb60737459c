import { catalogue } from '@roundhouse/contracts';
import type { JobState } from '@roundhouse/jobs';
import type { DataSource, EntityManager } from 'typeorm';
import { staleMs } from './stale.js';
import { BatchParameters, queryPrepared } from '../storage/index.js';
import type { RulesOf } from '../records/index.js';

/**
 * The straight way of jobs that nothing is tied to: queued → running → succeeded, one statement each for a whole batch. What the state machine would
 * decide of them stands in the statements' conditions; whatever does not meet them is left to the state machine. That both decide
 * alike is tested row by row.
 */
const untied = `j.slot_keys is null and j.batch_id is null and j.workflow_ref is null and j.unique_key is null and j.redrive_id is null`;

/**
 * As text, which no index on states answers. With statistics from a moment without queued jobs the planner takes the index of queued jobs for nearly empty,
 * and would compare every one of them with every id: a grant among 60,000 queued jobs took eight seconds.
 */
const isIn = (state: JobState): string => `j.state::text = '${state}'`;

/** It has been under way for long, and somebody else's turn may have come meanwhile: see turns.ts of the claims. */
const mayHaveToYield = (dispatchedAt: string): string => `(
  coalesce(${dispatchedAt}::timestamptz < m.now - interval '${staleMs} milliseconds', false) and (
    exists (select from ledger.outbox o where o.delay_ms = 0 and o.queue = j.queue and o.tenant_id = j.tenant_id and o.priority > j.priority)
    or exists (select from ledger.outbox o where o.delay_ms = 0 and o.queue = j.queue and o.tenant_id > j.tenant_id)
    or exists (select from ledger.outbox o where o.delay_ms = 0 and o.queue = j.queue and o.tenant_id < j.tenant_id)))`;

export interface PlainClaim {
  jobId: string;
  workerId: string;
  /** When its delivery left for the broker. */
  dispatchedAt: Date | undefined;
}

export interface PlainGrant {
  id: string;
  tenant_id: string;
  kind: string;
  queue: string;
  attempt: number;
  failures: number;
  checkpoint: Buffer | null;
  /** Since it might have run. */
  waited_seconds: number;
}

export interface PlainSuccess {
  jobId: string;
  attempt: number;
  /** What the worker took it for: its result was checked by that. */
  kind: string;
  workerId: string;
  result: Buffer;
  /** By the worker's clock. */
  endedAt: Date;
  ranMs: number;
}

export interface PlainEnd {
  id: string;
  tenant_id: string;
  kind: string;
  queue: string;
}

/** Kinds that no limit of theirs may hold back, and how long their lease is. */
export class PlainKinds {
  readonly names: string[];
  readonly leaseMs: number;
  /** Crashes from which a grant is for somebody who runs alone. */
  readonly suspectFrom: number;

  constructor(rulesOf: RulesOf) {
    const free = catalogue.kinds().filter(({ concurrency, rate }) => concurrency.length === 0 && !rate);
    const { leaseMs, suspectFrom } = rulesOf(free[0]?.kind ?? '');
    this.leaseMs = leaseMs;
    this.suspectFrom = suspectFrom;
    this.names = free.map(({ kind }) => kind).filter((kind) => rulesOf(kind).leaseMs === this.leaseMs);
  }
}

/** Grants what may be granted without another question. Each job may be claimed once. */
export function grantPlain(
  db: DataSource,
  claims: readonly PlainClaim[],
  { names, leaseMs, suspectFrom }: PlainKinds,
): Promise<PlainGrant[]> {
  // In the order of ids, as everybody locks jobs.
  const sorted = claims.toSorted((a, b) => (a.jobId < b.jobId ? -1 : 1));
  const parameters = new BatchParameters();
  const id = parameters.array(
    'id',
    'uuid',
    sorted.map((claim) => claim.jobId),
  );
  const worker = parameters.column(
    'worker',
    'text',
    sorted.map((claim) => claim.workerId),
  );
  const dispatchedAt = parameters.column(
    'dispatched_at',
    'text',
    sorted.map((claim) => claim.dispatchedAt?.toISOString() ?? null),
  );
  const lease = parameters.single('float8', leaseMs / 1000);
  const kinds = parameters.single('text[]', names);
  return autocommitted<PlainGrant>(
    db,
    `with moment as materialized (select clock_timestamp() as now)
     , granted as (
       update ledger.jobs j
       set state = 'running', attempt = j.attempt + 1, worker_id = ${worker}, started_at = m.now, progressed_at = null,
           lease_until = m.now + make_interval(secs => ${lease}), due_at = m.now + make_interval(secs => ${lease}),
           takeover_at = null, skew_since = null, yields = 0
       from moment m, ${parameters.source}
       where j.id = ${id} and ${isIn('queued')} and j.kind = any(${kinds}) and ${untied}
         and j.crashes < ${suspectFrom} and j.deadline_at is null and j.cancel_requested_at is null and not j.payload_replaced and not j.rate_reserved
         and not exists (select from ledger.pauses) and not ${mayHaveToYield(dispatchedAt)}
       returning j.id, j.tenant_id, j.kind, j.queue, j.attempt, j.failures, j.checkpoint, m.now,
                 date_part('epoch', m.now - j.run_at) as waited_seconds, ${worker} as worker, ${dispatchedAt} as dispatched_at
     ), noted as (
       insert into ledger.job_history (job_id, type, attempt, at, detail)
       select id, 'running', attempt, now, case when dispatched_at is null then jsonb_build_object('worker', worker)
              else jsonb_build_object('worker', worker, 'dispatched_at', dispatched_at) end
       from granted
     )
     select id, tenant_id, kind, queue, attempt, failures, checkpoint, waited_seconds from granted`,
    parameters.values,
  );
}

/** Ends what has nothing more to it than its result. */
export function endPlain(db: DataSource, successes: readonly PlainSuccess[]): Promise<PlainEnd[]> {
  const sorted = successes.toSorted((a, b) => (a.jobId < b.jobId ? -1 : 1));
  const parameters = new BatchParameters();
  const id = parameters.array(
    'id',
    'uuid',
    sorted.map((success) => success.jobId),
  );
  const column = (name: string, type: string, of: (success: PlainSuccess) => unknown) =>
    parameters.column(name, type, sorted.map(of));
  const attempt = column('attempt', 'integer', (success) => success.attempt);
  const kind = column('kind', 'text', (success) => success.kind);
  const worker = column('worker', 'text', (success) => success.workerId);
  const result = column('result', 'bytea', (success) => success.result);
  const endedAt = column('ended_at', 'text', (success) => success.endedAt.toISOString());
  const ranMs = column('ran_ms', 'float8', (success) => success.ranMs);
  return autocommitted<PlainEnd>(
    db,
    `with moment as materialized (select clock_timestamp() as now)
     , ended as (
       update ledger.jobs j
       set state = 'succeeded', result = ${result}, error = null, progress = 100, finished_at = m.now,
           due_at = null, blocked_on = null, lease_until = null, takeover_at = null, worker_id = null, alone = false
       from moment m, ${parameters.source}
       where j.id = ${id} and ${isIn('running')} and j.attempt = ${attempt} and j.kind = ${kind} and j.worker_id = ${worker}
         and ${untied} and not j.has_dependents
         and not exists (select from ledger.webhooks w where w.tenant_id = j.tenant_id and w.enabled)
       returning j.id, j.tenant_id, j.kind, j.queue, j.attempt, m.now, ${endedAt} as ended_at, ${ranMs} as ran_ms
     ), noted as (
       insert into ledger.job_history (job_id, type, attempt, at, detail)
       select id, 'succeeded', attempt, now, jsonb_build_object('ended_at', ended_at, 'ran_ms', ran_ms) from ended
     )
     select id, tenant_id, kind, queue from ended`,
    parameters.values,
  );
}

/** A single statement is a transaction of its own. */
async function autocommitted<T>(db: DataSource, text: string, values: unknown[]): Promise<T[]> {
  const runner = db.createQueryRunner();
  try {
    const manager = runner.manager as EntityManager;
    return await queryPrepared<T>(manager, text, values);
  } finally {
    await runner.release();
  }
}
