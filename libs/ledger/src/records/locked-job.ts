import type { RetryPolicy } from '@roundhouse/contracts';
import type { JobState, JobStatus } from '@roundhouse/jobs';
import type { StoredError } from '../storage/index.js';

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
  /** How often it has given way since it ran last. */
  yields: number;
  /** It died in this transaction, of a cause that is muted. */
  muted?: boolean;
}

/** As it is read, with the lock. */
export interface LockedRow {
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
  lone_crashes: number;
  alone: boolean;
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
  yields: number;
  now: number;
}

// date_part, not extract: extract computes in numeric, several times slower and with no use for the digits.
const epochMs = (column: string): string => `date_part('epoch', ${column}) * 1000`;
export const lockedColumns = `id, tenant_id, kind, queue, traceparent, checkpoint, state, attempt, failures, crashes, lone_crashes, alone, worker_id,
  progress, progress_message, error, blocked_on, idle_resumes, checkpoint_attempt, slot_keys, rate_reserved, retry_override, batch_id,
  fingerprint, version, payload_replaced, redrive_id, yields, has_dependents, workflow_ref is not null as in_workflow, unique_key is not null as is_unique, ${[
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

export function lockedJobOf(row: LockedRow): LockedJob {
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
    yields: row.yields,
    status: {
      state: row.state,
      attempt: row.attempt,
      failures: row.failures,
      crashes: row.crashes,
      loneCrashes: row.lone_crashes,
      alone: row.alone,
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
