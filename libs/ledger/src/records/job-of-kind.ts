import {
  defaultWhileRunning,
  readPayloadFields,
  type ConcurrencyRule,
  type KindDefinition,
  type RetryPolicy,
} from '@roundhouse/contracts';
import { createHash } from 'node:crypto';
import { newJobId } from './job-id.js';
import type { NewJob, UniqueOverride } from './new-job.js';

export interface JobOrigin {
  tenantId: string;
  traceparent: string;
  parentId?: string;
  runAt?: Date;
  /** When the request arrived, by `performance.now()`. */
  receivedAt?: number;
  /** What this very job is given instead of its kind's settings. */
  overrides?: JobOverrides;
}

export interface JobOverrides {
  timeoutMs?: number;
  deadlineMs?: number;
  priority?: number;
  /** For kinds that are not unique only with a key. */
  unique?: UniqueOverride;
  retry?: Partial<Pick<RetryPolicy, 'maxAttempts' | 'backoff' | 'initialMs' | 'multiplier' | 'capMs' | 'delaysMs'>>;
}

function slotKey(rule: ConcurrencyRule, tenantId: string, requestType: string, payload: Uint8Array): string {
  const values = rule.fields.length > 0 ? readPayloadFields(requestType, payload, rule.fields) : '';
  return `${rule.group}|${rule.acrossTenants ? '*' : tenantId}|${values}`;
}

/** Undefined: neither the kind nor the request says that it is unique. */
export function uniqueness(
  { kind, requestType, unique }: Pick<KindDefinition, 'kind' | 'requestType' | 'unique'>,
  payload: Uint8Array,
  { tenantId, overrides }: Pick<JobOrigin, 'tenantId' | 'overrides'>,
): NewJob['unique'] {
  const given = overrides?.unique ?? {};
  if (!unique && given.key === undefined) return undefined;
  const hash = createHash('sha256').update(JSON.stringify([tenantId, kind]));
  // Fields are an array: no key of a request is ever the same.
  if (given.key !== undefined) hash.update(JSON.stringify({ key: given.key }));
  else if (!unique || unique.fields.length === 0) hash.update(payload);
  else hash.update(readPayloadFields(requestType, payload, unique.fields));
  const mode = given.mode ?? unique?.mode ?? 'reject';
  const heldUntil = unique?.heldUntil ?? 'over';
  // Settings of a mode do not follow to another one.
  const own = mode === unique?.mode ? unique : undefined;
  return {
    key: hash.digest(),
    mode,
    heldUntil,
    periodMs: given.periodMs ?? unique?.periodMs,
    whileRunning: given.whileRunning ?? own?.whileRunning ?? defaultWhileRunning({ mode, heldUntil }),
    maxWaitMs: given.maxWaitMs ?? own?.maxWaitMs,
    leading: given.leading ?? own?.leading ?? false,
    override: overrides?.unique,
  };
}

/** A new job of a kind, with everything that follows from the kind's rules. */
export function jobOfKind(definition: KindDefinition, payload: Uint8Array, origin: JobOrigin): NewJob {
  const { kind, version, queue, requestType, concurrency } = definition;
  const { tenantId, traceparent, parentId, runAt, receivedAt, overrides = {} } = origin;
  const deadlineMs = overrides.deadlineMs ?? definition.deadlineMs;
  return {
    id: newJobId(),
    tenantId,
    kind,
    version,
    queue,
    payload,
    timeoutMs: overrides.timeoutMs ?? definition.timeoutMs,
    traceparent,
    parentId,
    runAt,
    receivedAt,
    deadlineAt:
      deadlineMs === undefined ? undefined : new Date(Math.max(Date.now(), runAt?.getTime() ?? 0) + deadlineMs),
    priority: overrides.priority,
    retry: overrides.retry,
    slotKeys:
      concurrency.length > 0 ? concurrency.map((rule) => slotKey(rule, tenantId, requestType, payload)) : undefined,
    unique: uniqueness(definition, payload, origin),
  };
}
