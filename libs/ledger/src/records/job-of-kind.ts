import {
  readPayloadFields,
  type ConcurrencyRule,
  type KindDefinition,
  type RetryPolicy,
  type UniqueRule,
} from '@roundhouse/contracts';
import { createHash } from 'node:crypto';
import { newJobId } from './job-id.js';
import { type NewJob } from './new-job.js';

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
  /** Only for kinds that are unique. */
  unique?: { mode?: UniqueRule['mode']; periodMs?: number };
  retry?: Partial<Pick<RetryPolicy, 'maxAttempts' | 'backoff' | 'initialMs' | 'multiplier' | 'capMs' | 'delaysMs'>>;
}

function slotKey(rule: ConcurrencyRule, tenantId: string, requestType: string, payload: Uint8Array): string {
  const values = rule.fields.length > 0 ? readPayloadFields(requestType, payload, rule.fields) : '';
  return `${rule.group}|${rule.acrossTenants ? '*' : tenantId}|${values}`;
}

function uniqueness(
  { kind, requestType, unique }: KindDefinition,
  payload: Uint8Array,
  { tenantId, overrides }: JobOrigin,
): NewJob['unique'] {
  if (!unique) return undefined;
  const hash = createHash('sha256').update(JSON.stringify([tenantId, kind]));
  if (unique.fields.length === 0) hash.update(payload);
  else hash.update(readPayloadFields(requestType, payload, unique.fields));
  const { mode = unique.mode, periodMs = unique.periodMs } = overrides?.unique ?? {};
  return { key: hash.digest(), mode, periodMs };
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
