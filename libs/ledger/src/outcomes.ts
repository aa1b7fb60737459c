import {
  catalogue,
  ErrorCode,
  JobError_Retry,
  validatePayload,
  type DomainEvent,
  type FollowUp,
  type JobError,
  type JobEvent,
  type JobEvents,
} from '@roundhouse/contracts';
import type { FailureCode, Transition } from '@roundhouse/jobs';
import { count, jobAttributes, recordSpan, spanNames, tracingEnabled } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { insertDomainEvents, type NewDomainEvent } from './domain-event-log.js';
import type { StoredError } from './entities/job.entity.js';
import { inTransaction } from './ledger-database.js';
import { LockedJobs, type LockedJob, type RulesOf } from './locked-jobs.js';
import { insertJobs, newJobId, type NewJob } from './new-job.js';
import { storable } from './storable-text.js';

export interface OutcomeOptions {
  onChanged(jobs: Iterable<LockedJob>): void;
  onDomainEvents(tenantIds: Iterable<string>): void;
  onDispatch(): void;
}

/** What a batch of events brings beside changes of the jobs themselves. */
interface Consequences {
  followUps: NewJob[];
  rejectedFollowUps: { job: NewJob; error: StoredError }[];
  domainEvents: NewDomainEvent[];
}

/** Applies what workers report: outcomes, progress, checkpoints, domain events. Applying an event twice changes nothing. */
export class Outcomes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: OutcomeOptions,
  ) {}

  /** All events of all messages in one transaction. */
  async apply(messages: JobEvents[]): Promise<void> {
    const start = new Date();
    const events = messages.flatMap((message) => message.events);
    const { jobs, consequences } = await inTransaction(this.dataSource, async (tx) => {
      const locked = await LockedJobs.byId(tx, [...new Set(events.map((e) => e.jobId))], this.rulesOf);
      const gathered: Consequences = { followUps: [], rejectedFollowUps: [], domainEvents: [] };
      for (const event of events) {
        const job = locked.get(event.jobId);
        if (job) applyEvent(locked, job, event, gathered);
      }
      await locked.write();
      await store(tx, gathered);
      return { jobs: locked, consequences: gathered };
    });
    this.trace(events, jobs, start);
    this.options.onChanged(jobs.changedJobs);
    if (jobs.dispatches > 0 || consequences.followUps.length > 0) this.options.onDispatch();
    if (consequences.domainEvents.length > 0) this.options.onDomainEvents(new Set(consequences.domainEvents.map((e) => e.tenantId)));
    for (const { tenantId: tenant, kind, queue } of consequences.followUps) count('jobsAccepted', { tenant, kind, queue });
  }

  private trace(events: JobEvent[], jobs: LockedJobs, start: Date): void {
    if (!tracingEnabled()) return;
    const end = new Date();
    for (const { jobId, attempt, traceparent: parent, event } of events) {
      const job = jobs.get(jobId);
      const facts = { jobId, attempt, tenant: job?.tenantId, kind: job?.kind, outcome: event?.$case };
      recordSpan(spanNames.ledgerApply, { kind: 'consumer', parent, attributes: jobAttributes(facts), start, end });
    }
  }
}

function applyEvent(locked: LockedJobs, job: LockedJob, message: JobEvent, gathered: Consequences): void {
  const { attempt, event } = message;
  switch (event?.$case) {
    case 'succeeded': {
      const { result, followUps, domainEvents } = event.value;
      if (!locked.apply(job, { type: 'succeeded', attempt }, { result, error: null, progress: 100 }).changed) return;
      locked.note(job, 'succeeded');
      for (const followUp of followUps) gatherFollowUp(job, followUp, message.traceparent, gathered);
      gatherDomainEvents(job, domainEvents, gathered);
      return;
    }
    case 'failed':
      return applyFailure(locked, job, attempt, event.value.error, event.value.domainEvents, gathered);
    case 'released':
      if (locked.apply(job, { type: 'released', attempt }).changed) locked.note(job, job.status.state, { reason: 'released' });
      return;
    case 'cancelled':
      if (locked.apply(job, { type: 'aborted', attempt }).changed) locked.note(job, 'cancelled');
      return;
    case 'progress': {
      const { percent, message } = event.value;
      const text = storable(message);
      const patch = { progress: percent, progressMessage: text };
      if (locked.apply(job, { type: 'report', attempt }, patch).changed) locked.note(job, 'progress', { percent, message: text });
      return;
    }
    case 'checkpoint':
      locked.apply(job, { type: 'report', attempt }, { checkpoint: event.value.data });
      return;
    case 'emitted':
      if (locked.apply(job, { type: 'report', attempt }).changed) gatherDomainEvents(job, [event.value], gathered);
      return;
    case undefined:
      return; // an event of a newer contract: this version has no use for it
  }
}

function storedError(error: JobError | undefined): StoredError & { code: FailureCode; retryAfterMs: number | undefined } {
  const code = (ErrorCode[error?.code ?? ErrorCode.INTERNAL] ?? 'INTERNAL') as FailureCode | 'UNSPECIFIED' | 'UNRECOGNIZED';
  const { retryAfter } = error ?? {};
  return {
    code: code === 'UNSPECIFIED' || code === 'UNRECOGNIZED' ? 'INTERNAL' : code,
    message: storable(error?.message ?? ''),
    retryable: error?.retry !== JobError_Retry.NO,
    field: error?.field ? storable(error.field) : undefined,
    stack: error?.stack ? storable(error.stack) : undefined,
    retryAfterMs: retryAfter ? retryAfter.seconds * 1000 + retryAfter.nanos / 1e6 : undefined,
  };
}

function applyFailure(
  locked: LockedJobs,
  job: LockedJob,
  attempt: number,
  reported: JobError | undefined,
  domainEvents: DomainEvent[],
  gathered: Consequences,
): void {
  const { retryAfterMs, ...error } = storedError(reported);
  const { code, retryable } = error;
  const outcome = locked.apply(job, { type: 'failed', attempt, failure: { code, retryable, retryAfterMs } }, { error });
  if (!outcome.changed) return;
  noteFailure(locked, job, outcome, error);
  gatherDomainEvents(job, domainEvents, gathered);
}

function noteFailure(locked: LockedJobs, job: LockedJob, { status }: Transition, error: StoredError): void {
  const { tenantId: tenant, kind, queue } = job;
  const { code, message } = error;
  if (status.state === 'retrying') {
    count('retries', { tenant, kind, queue, reason: code });
    locked.note(job, 'retrying', { error: { code, message }, run_at: new Date(status.runAt).toISOString() });
  } else {
    if (status.state === 'dead') count('dead', { tenant, kind, queue, reason: code });
    locked.note(job, status.state, { error: { code, message } });
  }
}

function gatherDomainEvents({ id, tenantId }: LockedJob, events: DomainEvent[], { domainEvents }: Consequences): void {
  for (const { type, payload } of events) domainEvents.push({ tenantId, jobId: id, type: storable(type), payload });
}

/** Why a follow-up cannot run, or undefined. */
function followUpFault(kind: string, payload: Uint8Array): string | undefined {
  const definition = catalogue.kind(kind);
  if (!definition) return `Kind ${kind} is not in the contract`;
  try {
    const [violation] = validatePayload(definition.requestType, payload);
    return violation && `${violation.path}: ${violation.message}`;
  } catch (error) {
    return `Payload of ${kind} cannot be decoded: ${String(error)}`;
  }
}

/** A follow-up that can never run is kept as a dead job: the success it came with stands, and people see what is missing. */
function gatherFollowUp(parent: LockedJob, { kind, payload, runAt }: FollowUp, traceparent: string, gathered: Consequences): void {
  const definition = catalogue.kind(kind);
  const job: NewJob = {
    id: newJobId(),
    tenantId: parent.tenantId,
    kind,
    version: definition?.version ?? 1,
    queue: definition?.queue ?? parent.queue,
    payload,
    timeoutMs: definition?.timeoutMs ?? 300_000,
    traceparent: traceparent || parent.traceparent,
    parentId: parent.id,
    runAt,
  };
  const fault = followUpFault(kind, payload);
  if (fault) gathered.rejectedFollowUps.push({ job, error: { code: 'POISON', message: fault, retryable: false } });
  else gathered.followUps.push(job);
}

async function store(tx: EntityManager, { followUps, rejectedFollowUps, domainEvents }: Consequences): Promise<void> {
  await insertJobs(tx, followUps);
  await insertDomainEvents(tx, domainEvents);
  for (const { job, error } of rejectedFollowUps) {
    await tx.query(
      `insert into ledger.jobs (id, tenant_id, kind, version, queue, state, payload, timeout_ms, traceparent, parent_id, run_at, error, finished_at)
       values ($1, $2, $3, $4, $5, 'dead', $6, $7, $8, $9, now(), $10::jsonb, now())`,
      [job.id, job.tenantId, job.kind, job.version, job.queue, Buffer.from(job.payload), job.timeoutMs, job.traceparent, job.parentId, JSON.stringify(error)],
    );
  }
}
