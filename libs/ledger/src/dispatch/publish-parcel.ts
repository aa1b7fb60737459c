import {
  count,
  jobAttributes,
  messageAttributes,
  spanNames,
  startSpan,
  tracingEnabled,
  type OpenSpan,
} from '@roundhouse/telemetry';
import type { OutboxRow } from './outbox.js';
import type { Parcel } from './parcels.js';

/** A delivery to be sent: the job as workers need it, and how long it shall wait on the way. */
export interface Dispatch {
  jobId: string;
  tenantId: string;
  kind: string;
  version: number;
  queue: string;
  payload: Buffer;
  timeoutMs: number;
  enqueuedAt: Date;
  traceparent: string;
  delayMs: number;
  /** Now, by the database's clock. */
  dispatchedAt: Date;
}

/** Sends a parcel as one message, with a span for each of its jobs. `dispatchedAt`: now, by the database's clock. */
export async function publishParcel(
  parcel: Parcel,
  dispatchedAt: Date,
  publish: (dispatches: Dispatch[]) => Promise<void>,
): Promise<void> {
  const [{ queue }] = parcel;
  const spans = tracingEnabled() ? parcel.map(openSpan) : [];
  try {
    await publish(parcel.map((row, i) => dispatchOf(row, dispatchedAt, spans[i]?.traceparent)));
    count('publishes', { queue, outcome: 'confirmed' }, parcel.length);
  } catch (error) {
    count('publishes', { queue, outcome: 'refused' }, parcel.length);
    for (const span of spans) span.fail(error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

function dispatchOf(row: OutboxRow, dispatchedAt: Date, traceparent = row.traceparent): Dispatch {
  return {
    jobId: row.id,
    tenantId: row.tenant_id,
    kind: row.kind,
    version: row.version,
    queue: row.queue,
    payload: row.payload,
    timeoutMs: row.timeout_ms,
    enqueuedAt: row.created_at,
    traceparent,
    delayMs: row.delay_ms,
    dispatchedAt,
  };
}

/** From here until the broker's confirm; the delivery carries its position in the trace on. */
function openSpan({ id: jobId, tenant_id: tenant, kind, queue, traceparent: parent }: OutboxRow): OpenSpan {
  const attributes = { ...messageAttributes('send', queue, jobId), ...jobAttributes({ jobId, tenant, kind, queue }) };
  return startSpan(spanNames.outboxPublish(queue), { kind: 'producer', parent, attributes });
}
