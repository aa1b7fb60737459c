import { catalogue, validatePayload, type DomainEvent, type FollowUp, type RateRule } from '@roundhouse/contracts';
import type { EntityManager } from 'typeorm';
import { insertDomainEvents, type NewDomainEvent, tellOfDomainEvents } from '../notices/index.js';
import { storable, type StoredError } from '../storage/index.js';
import { fingerprintOf, insertJobs, jobOfKind, type LockedJob, type NewJob, newJobId } from '../records/index.js';
import { reservedFields } from '../tenancy/index.js';
import { pauseBucket } from '../limits/index.js';

/** What a batch of events brings beside changes of the jobs themselves. */
export interface Consequences {
  followUps: NewJob[];
  rejectedFollowUps: { job: NewJob; error: StoredError }[];
  domainEvents: NewDomainEvent[];
  pausedBuckets: { key: string; rule: Pick<RateRule, 'perSecond' | 'burst'>; forMs: number }[];
}

export const noConsequences = (): Consequences => ({
  followUps: [],
  rejectedFollowUps: [],
  domainEvents: [],
  pausedBuckets: [],
});

export function gatherDomainEvents(
  { id, tenantId }: LockedJob,
  events: DomainEvent[],
  { domainEvents }: Consequences,
): void {
  for (const { type, payload } of events) domainEvents.push({ tenantId, jobId: id, type: storable(type), payload });
}

/** A follow-up that can never run is kept as a dead job: the success it came with stands, and people see what is missing. */
export function gatherFollowUp(
  parent: LockedJob,
  followUp: FollowUp,
  eventTraceparent: string,
  gathered: Consequences,
): void {
  const { kind, payload, runAt } = followUp;
  const origin = {
    tenantId: parent.tenantId,
    traceparent: eventTraceparent || parent.traceparent,
    parentId: parent.id,
    runAt,
  };
  const definition = catalogue.kind(kind);
  const fault = followUpFault(parent.tenantId, kind, payload);
  if (definition && !fault) {
    gathered.followUps.push(jobOfKind(definition, payload, origin));
    return;
  }
  const { version = 1, queue = parent.queue, timeoutMs = 300_000 } = definition ?? {};
  gathered.rejectedFollowUps.push({
    job: { ...origin, id: newJobId(), kind: storable(kind), version, queue, payload, timeoutMs },
    error: { code: 'POISON', message: storable(fault ?? ''), retryable: false },
  });
}

/** Why a follow-up cannot run, or undefined. */
function followUpFault(tenantId: string, kind: string, payload: Uint8Array): string | undefined {
  const definition = catalogue.kind(kind);
  if (!definition) return `Kind ${kind} is not in the contract`;
  try {
    const { requestType } = definition;
    const [violation] = [...validatePayload(requestType, payload), ...reservedFields(tenantId, requestType, payload)];
    return violation && `${violation.path}: ${violation.message}`;
  } catch (error) {
    return `Payload of ${kind} cannot be decoded: ${String(error)}`;
  }
}

export async function storeConsequences(tx: EntityManager, gathered: Consequences): Promise<void> {
  await insertJobs(tx, gathered.followUps);
  await insertDomainEvents(tx, gathered.domainEvents);
  await tellOfDomainEvents(tx, gathered.domainEvents);
  // In key order, as everybody locks buckets; the longest silence of each counts.
  const pauses = gathered.pausedBuckets.sort((a, b) => (a.key === b.key ? b.forMs - a.forMs : a.key < b.key ? -1 : 1));
  for (const { key, rule, forMs } of pauses) await pauseBucket(tx, key, rule, forMs);
  for (const { job, error } of gathered.rejectedFollowUps) await insertDead(tx, job, error);
}

async function insertDead(tx: EntityManager, job: NewJob, error: StoredError): Promise<void> {
  const { id, tenantId, kind, version, queue, payload, timeoutMs, traceparent, parentId } = job;
  await tx.query(
    `insert into ledger.jobs (id, tenant_id, kind, version, queue, state, payload, timeout_ms, traceparent, parent_id, run_at, error, fingerprint, finished_at)
     values ($1, $2, $3, $4, $5, 'dead', $6, $7, $8, $9, now(), $10::jsonb, $11, now())`,
    [
      id,
      tenantId,
      kind,
      version,
      queue,
      Buffer.from(payload),
      timeoutMs,
      traceparent,
      parentId,
      JSON.stringify(error),
      fingerprintOf(kind, version, error),
    ],
  );
}
