import type { RetryPolicy } from '@roundhouse/contracts';
import {
  isFinal,
  transition,
  type JobEffect,
  type JobInput,
  type JobRules,
  type JobState,
  type JobStatus,
  type Transition,
} from '@roundhouse/jobs';
import type { EntityManager } from 'typeorm';
import type { StoredError } from './entities/job.entity.js';
import { fingerprintOf } from './fingerprint.js';
import { insertHistory, type HistoryEntry } from './job-history.js';
import { isJobId } from './new-job.js';
import { queryPrepared } from './prepared.js';
import { updateJobs } from './update-jobs.js';

/** What the ledger needs to know of a job to decide about it; never the payload. */
export interface LockedJob {
  id: string;
  tenantId: string;
  kind: string;
  queue: string;
  traceparent: string;
  checkpoint: Buffer | null;
  status: JobStatus;
  startedAt: number | null;
  finishedAt: number | null;
  progress: number | null;
  progressMessage: string | null;
  result: Buffer | null;
  error: StoredError | null;
  /** Attempt that saved the checkpoint. */
  checkpointAttempt: number | null;
  slotKeys: string[] | null;
  rateReserved: boolean;
  retryOverride: Partial<RetryPolicy> | null;
  batchId: string | null;
  fingerprint: string | null;
  /** Its state when it was locked. */
  stateBefore: JobState;
  /** The same, and it stays so: for those who count. */
  readonly stateRead: JobState;
  inWorkflow: boolean;
  /** The running attempt's last progress or checkpoint. */
  progressedAt: number | null;
  /** Holds a unique key. */
  unique: boolean;
  /** Other jobs wait for this one. */
  hasDependents: boolean;
  version: number;
  /** Deliveries with an older payload may be under way. */
  payloadReplaced: boolean;
  /** The redrive that sent it last. */
  redriveId: string | null;
}

/** Columns that are set beside the status. */
export type JobPatch = Partial<
  Pick<
    LockedJob,
    | 'checkpoint'
    | 'checkpointAttempt'
    | 'rateReserved'
    | 'fingerprint'
    | 'progress'
    | 'progressMessage'
    | 'result'
    | 'error'
  >
>;

export type RulesOf = (kind: string) => JobRules;

interface Row {
  id: string;
  tenant_id: string;
  kind: string;
  queue: string;
  traceparent: string;
  checkpoint: Buffer | null;
  state: JobState;
  attempt: number;
  failures: number;
  crashes: number;
  run_at: number;
  due_at: number | null;
  lease_until: number | null;
  takeover_at: number | null;
  cancel_requested_at: number | null;
  worker_id: string | null;
  started_at: number | null;
  progress: number | null;
  progress_message: string | null;
  error: StoredError | null;
  deadline_at: number | null;
  blocked_on: string | null;
  skew_since: number | null;
  idle_resumes: number;
  checkpoint_attempt: number | null;
  slot_keys: string[] | null;
  rate_reserved: boolean;
  retry_override: Partial<RetryPolicy> | null;
  batch_id: string | null;
  fingerprint: string | null;
  is_unique: boolean;
  has_dependents: boolean;
  in_workflow: boolean;
  progressed_at: number | null;
  version: number;
  payload_replaced: boolean;
  redrive_id: string | null;
  now: number;
}

// date_part, not extract: extract computes in numeric, several times slower and with no use for the digits.
const epochMs = (column: string): string => `date_part('epoch', ${column}) * 1000`;
const columns = `id, tenant_id, kind, queue, traceparent, checkpoint, state, attempt, failures, crashes, worker_id,
  progress, progress_message, error, blocked_on, idle_resumes, checkpoint_attempt, slot_keys, rate_reserved, retry_override, batch_id,
  fingerprint, version, payload_replaced, redrive_id, has_dependents, workflow_ref is not null as in_workflow, unique_key is not null as is_unique, ${[
    'deadline_at',
    'skew_since',
    'run_at',
    'due_at',
    'lease_until',
    'takeover_at',
    'cancel_requested_at',
    'started_at',
    'progressed_at',
  ]
    .map((c) => `${epochMs(c)} as ${c}`)
    .join(', ')}, ${epochMs('clock_timestamp()')} as now`;

function fromRow(row: Row): LockedJob {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    kind: row.kind,
    queue: row.queue,
    traceparent: row.traceparent,
    checkpoint: row.checkpoint,
    startedAt: row.started_at,
    finishedAt: null,
    progress: row.progress,
    progressMessage: row.progress_message,
    result: null,
    error: row.error,
    checkpointAttempt: row.checkpoint_attempt,
    slotKeys: row.slot_keys,
    rateReserved: row.rate_reserved,
    retryOverride: row.retry_override,
    batchId: row.batch_id,
    fingerprint: row.fingerprint,
    stateBefore: row.state,
    stateRead: row.state,
    inWorkflow: row.in_workflow,
    progressedAt: row.progressed_at,
    unique: row.is_unique,
    hasDependents: row.has_dependents,
    version: row.version,
    payloadReplaced: row.payload_replaced,
    redriveId: row.redrive_id,
    status: {
      state: row.state,
      attempt: row.attempt,
      failures: row.failures,
      crashes: row.crashes,
      runAt: row.run_at,
      dueAt: row.due_at ?? undefined,
      leaseUntil: row.lease_until ?? undefined,
      takeoverAt: row.takeover_at ?? undefined,
      cancelRequestedAt: row.cancel_requested_at ?? undefined,
      workerId: row.worker_id ?? undefined,
      deadlineAt: row.deadline_at ?? undefined,
      blockedOn: row.blocked_on ?? undefined,
      skewSince: row.skew_since ?? undefined,
      idleResumes: row.idle_resumes,
    },
  };
}

/**
 * Jobs locked for one transaction. Inputs go through the state machine one by one; `write` stores the outcome of all of
 * them with one statement per table. Rows are locked in id order: batches that overlap would deadlock otherwise.
 */
export class LockedJobs {
  private readonly changed = new Set<LockedJob>();
  /** Jobs that came to their end in this transaction. */
  readonly ended = new Set<LockedJob>();
  /** Jobs of which an attempt failed or was lost, and which will run again. */
  readonly failed = new Set<LockedJob>();
  private readonly outbox: { jobId: string; delayMs: number }[] = [];
  private readonly history: HistoryEntry[] = [];
  readonly stopped: { jobId: string; attempt: number }[] = [];

  private constructor(
    private readonly tx: EntityManager,
    private readonly jobs: Map<string, LockedJob>,
    /** As they were read. */
    private readonly rows: Map<string, Row>,
    /** The database's clock, in ms. */
    readonly now: number,
    private readonly rulesOf: RulesOf,
  ) {}

  static async byId(tx: EntityManager, ids: readonly string[], rulesOf: RulesOf): Promise<LockedJobs> {
    const rows = await queryPrepared<Row>(
      tx,
      `select ${columns} from ledger.jobs where id = any($1::uuid[]) order by id for update`,
      [ids.filter(isJobId)],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  /** Jobs whose time has come; those that somebody else is working on are left to them. Without `leases` none runs out. */
  static async due(tx: EntityManager, limit: number, rulesOf: RulesOf, { leases = true } = {}): Promise<LockedJobs> {
    const rows = await tx.query<Row[]>(
      `select ${columns} from ledger.jobs
       where due_at <= clock_timestamp()
         and ($2 or state <> 'running' or takeover_at <= clock_timestamp() or cancel_requested_at is not null)
       order by due_at limit $1 for update skip locked`,
      [limit, leases],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  /** Jobs that wait for the same thing, longest waiting first; locked ones are left out. */
  static async blockedOn(tx: EntityManager, reason: string, limit: number, rulesOf: RulesOf): Promise<LockedJobs> {
    const rows = await tx.query<Row[]>(
      `select ${columns} from ledger.jobs where state = 'blocked' and blocked_on = $1 order by id limit $2 for update skip locked`,
      [reason, limit],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  /** Jobs that still wait for one of these. */
  static async dependentsOf(tx: EntityManager, ids: readonly string[], rulesOf: RulesOf): Promise<LockedJobs> {
    const rows = await tx.query<Row[]>(
      `select ${columns} from ledger.jobs
       where id in (select d.job_id from ledger.dependencies d where d.depends_on = any($1::uuid[]) and not d.met)
         and state = 'blocked' and blocked_on = 'dependency'
       order by id for update`,
      [ids],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  /** Jobs of a batch behind `after` that may still be cancelled; those that somebody else is working on are left out. */
  static async cancellable(
    tx: EntityManager,
    batchId: string,
    after: string,
    limit: number,
    rulesOf: RulesOf,
  ): Promise<LockedJobs> {
    const rows = await tx.query<Row[]>(
      `select ${columns} from ledger.jobs
       where batch_id = $1 and id > $2 and state not in ('succeeded', 'dead', 'cancelled') and cancel_requested_at is null
       order by id limit $3 for update skip locked`,
      [batchId, after, limit],
    );
    return LockedJobs.of(tx, rows, rulesOf);
  }

  private static of(tx: EntityManager, rows: Row[], rulesOf: RulesOf): LockedJobs {
    const jobs = new Map(rows.map((row) => [row.id, fromRow(row)]));
    return new LockedJobs(tx, jobs, new Map(rows.map((row) => [row.id, row])), rows[0]?.now ?? 0, rulesOf);
  }

  get(id: string): LockedJob | undefined {
    return this.jobs.get(id);
  }

  all(): LockedJob[] {
    return [...this.jobs.values()];
  }

  /** Jobs that `write` will update or has updated. */
  get changedJobs(): ReadonlySet<LockedJob> {
    return this.changed;
  }

  get dispatches(): number {
    return this.outbox.length;
  }

  /** What an input would do, without doing it. */
  preview(job: LockedJob, input: JobInput): Transition {
    return transition(job.status, input, this.now, this.rules(job));
  }

  apply(job: LockedJob, input: JobInput, patch: JobPatch = {}): Transition {
    const before = job.status;
    const outcome = transition(before, input, this.now, this.rules(job));
    for (const effect of outcome.effects) this.take(job, effect);
    if (!outcome.changed) return outcome;
    job.status = outcome.status;
    Object.assign(job, patch);
    if (outcome.failure)
      job.error = {
        code: outcome.failure.code,
        message: outcome.failure.message,
        retryable: outcome.failure.retryable,
      };
    if (outcome.verdict === 'granted') Object.assign(job, { startedAt: this.now, progressedAt: null });
    if (input.type === 'report') job.progressedAt = this.now;
    if (before.state !== job.status.state && isFinal(job.status.state)) job.finishedAt = this.now;
    if (job.status.state === 'dead' && job.error) job.fingerprint = fingerprintOf(job.kind, job.version, job.error);
    if (isFinal(job.status.state)) this.ended.add(job);
    else if (job.status.failures > before.failures || job.status.crashes > before.crashes) this.failed.add(job);
    this.changed.add(job);
    return outcome;
  }

  /** The kind's rules, with what this very job was given instead. */
  private rules({ kind, retryOverride }: LockedJob): JobRules {
    const rules = this.rulesOf(kind);
    return retryOverride ? { ...rules, retry: { ...rules.retry, ...retryOverride } } : rules;
  }

  note(job: LockedJob, type: string, detail?: object): void {
    this.history.push({ jobId: job.id, type, attempt: job.status.attempt, at: this.now, detail });
  }

  async write(): Promise<void> {
    await updateJobs(
      this.tx,
      [...this.changed].map((job) => ({ job, before: fromRow(this.rows.get(job.id) as Row) })),
    );
    if (this.outbox.length > 0) {
      await this.tx.query(
        `insert into ledger.outbox (job_id, delay_ms, queue, tenant_id, priority)
         select o.job_id, o.delay_ms, j.queue, j.tenant_id, j.priority
         from unnest($1::uuid[], $2::integer[]) as o(job_id, delay_ms) join ledger.jobs j on j.id = o.job_id`,
        [this.outbox.map((o) => o.jobId), this.outbox.map((o) => Math.round(o.delayMs))],
      );
    }
    await insertHistory(this.tx, this.history);
  }

  private take(job: LockedJob, effect: JobEffect): void {
    if (effect.type === 'dispatch') this.outbox.push({ jobId: job.id, delayMs: effect.delayMs });
    else this.stopped.push({ jobId: job.id, attempt: effect.attempt });
  }
}
