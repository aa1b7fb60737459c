import { isFinal, type JobStatus } from '@roundhouse/jobs';
import type { EntityManager } from 'typeorm';
import { BatchParameters, queryPrepared } from '../storage/index.js';
import type { LockedJob } from './locked-job.js';

/** A locked job as it shall be, and as it was read. */
export interface JobChange {
  job: LockedJob;
  before: LockedJob;
}

interface Column {
  name: string;
  /** SQL type of the parameter. */
  type: string;
  of(job: LockedJob): unknown;
  encode?(value: unknown): unknown;
  /** SQL of the stored value, from the SQL of the parameter. */
  store?(parameter: string): string;
}

const ofStatus = (name: string, key: keyof JobStatus, type: string): Column => ({
  name,
  type,
  of: ({ status }) => status[key] ?? null,
});

const toTimestamp = (parameter: string): string => `to_timestamp(${parameter} / 1000)`;
const timeOfStatus = (name: string, key: keyof JobStatus): Column => ({
  ...ofStatus(name, key, 'float8'),
  store: toTimestamp,
});

const unread = -1;

/** Only final jobs have one, so a redrive clears it. Like the result it is not read with the lock. */
function finishedAt({ status, finishedAt: now }: LockedJob): number | null {
  return isFinal(status.state) ? (now ?? unread) : null;
}

const columns: readonly Column[] = [
  ofStatus('state', 'state', 'ledger.job_state'),
  ofStatus('attempt', 'attempt', 'integer'),
  ofStatus('failures', 'failures', 'integer'),
  ofStatus('crashes', 'crashes', 'integer'),
  ofStatus('lone_crashes', 'loneCrashes', 'smallint'),
  ofStatus('alone', 'alone', 'boolean'),
  timeOfStatus('run_at', 'runAt'),
  timeOfStatus('due_at', 'dueAt'),
  timeOfStatus('lease_until', 'leaseUntil'),
  timeOfStatus('takeover_at', 'takeoverAt'),
  timeOfStatus('cancel_requested_at', 'cancelRequestedAt'),
  timeOfStatus('deadline_at', 'deadlineAt'),
  timeOfStatus('skew_since', 'skewSince'),
  ofStatus('worker_id', 'workerId', 'text'),
  ofStatus('blocked_on', 'blockedOn', 'text'),
  ofStatus('idle_resumes', 'idleResumes', 'integer'),
  { name: 'checkpoint', type: 'bytea', of: (job) => job.checkpoint },
  { name: 'checkpoint_attempt', type: 'integer', of: (job) => job.checkpointAttempt },
  { name: 'progress', type: 'real', of: (job) => job.progress },
  { name: 'progress_message', type: 'text', of: (job) => job.progressMessage },
  { name: 'error', type: 'jsonb', of: (job) => job.error, encode: (error) => error && JSON.stringify(error) },
  { name: 'rate_reserved', type: 'boolean', of: (job) => job.rateReserved },
  { name: 'yields', type: 'smallint', of: (job) => job.yields },
  { name: 'fingerprint', type: 'text', of: (job) => job.fingerprint },
  { name: 'started_at', type: 'float8', of: (job) => job.startedAt, store: toTimestamp },
  { name: 'progressed_at', type: 'float8', of: (job) => job.progressedAt, store: toTimestamp },
  // Not read with the lock: none means that it stays.
  { name: 'result', type: 'bytea', of: (job) => job.result, store: (parameter) => `coalesce(${parameter}, j.result)` },
  {
    name: 'finished_at',
    type: 'float8',
    of: finishedAt,
    store: (parameter) => `case when ${parameter} = ${unread} then j.finished_at else ${toTimestamp(parameter)} end`,
  },
];

/**
 * Stores changed jobs in one statement. Only columns that differ from what was read, in any of the jobs, are part of it, and a value that is the
 * same for all jobs is sent once: a batch of grants or of successes is some ids and a handful of values.
 */
export async function updateJobs(tx: EntityManager, changes: readonly JobChange[]): Promise<void> {
  if (changes.length === 0) return;
  const parameters = new BatchParameters();
  const id = parameters.array(
    'id',
    'uuid',
    changes.map(({ job }) => job.id),
  );
  const assignments: string[] = [];
  for (const { name, type, of, encode = same, store = same } of columns) {
    if (changes.every(({ job, before }) => of(job) === of(before))) continue;
    const value = parameters.column(
      name,
      type,
      changes.map(({ job }) => encode(of(job))),
    );
    assignments.push(`${name} = ${store(value)}`);
  }
  const queued = changes.filter(({ job }) => job.status.state === 'queued').map(({ job }) => job.id);
  if (queued.length > 0) {
    const requeued = `j.id = any(${parameters.single('uuid[]', queued)})`;
    assignments.push(`dispatched_at = case when ${requeued} then now() else j.dispatched_at end`);
  }
  if (assignments.length === 0) return;
  await queryPrepared(
    tx,
    `update ledger.jobs j set ${assignments.join(', ')} from ${parameters.source} where j.id = ${id}`,
    parameters.values,
  );
}

const same = <T>(value: T): T => value;
