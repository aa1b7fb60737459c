import type { ConsumeMessage, Options } from 'amqplib';
import { JobDelivery } from '@roundhouse/contracts';
import type { Delivery } from '@roundhouse/jobs';

export const contentType = 'application/x-protobuf';

export interface DispatchedJob {
  jobId: string;
  tenantId: string;
  kind: string;
  version: number;
  payload: Uint8Array;
  enqueuedAt: Date;
  timeoutMs: number;
  traceparent: string;
}

/** The same memory. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export function encodeDelivery(job: DispatchedJob, dispatchedAt: Date): Buffer {
  return asBuffer(
    JobDelivery.encode({
      jobId: job.jobId,
      tenantId: job.tenantId,
      kind: job.kind,
      contractVersion: job.version,
      payload: asBuffer(job.payload),
      enqueuedAt: job.enqueuedAt,
      dispatchedAt,
      timeout: { seconds: Math.floor(job.timeoutMs / 1000), nanos: (job.timeoutMs % 1000) * 1e6 },
    }).finish(),
  );
}

/** What must be known of a delivery without decoding it. */
export function deliveryProperties(job: DispatchedJob, body: Buffer): Options.Publish {
  return {
    contentType,
    type: job.kind,
    headers: {
      'rh-tenant': job.tenantId,
      'rh-version': job.version,
      'rh-length': body.length,
      traceparent: job.traceparent,
    },
  };
}

/** The delivery can never be run by anybody; `message` says why. */
export class UndecodableDelivery extends Error {
  override readonly name = 'UndecodableDelivery';
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function header(message: ConsumeMessage, name: string): unknown {
  return message.properties.headers?.[name];
}

/**
 * An empty protobuf body decodes without error to default values, so kind and length are checked against the
 * properties before anything is believed.
 */
export function decodeDelivery(message: ConsumeMessage, queue: string): Delivery {
  const { contentType: type, type: kind } = message.properties;
  if (type !== contentType) throw new UndecodableDelivery(`content type is ${String(type)}, not ${contentType}`);
  const length = header(message, 'rh-length');
  if (length !== message.content.length) {
    throw new UndecodableDelivery(`body has ${message.content.length} bytes, its header says ${String(length)}`);
  }
  const body = decodeBody(message.content);
  if (body.kind !== kind)
    throw new UndecodableDelivery(`body is of kind ${body.kind}, its property says ${String(kind)}`);
  // One id that is no uuid would make the ledger refuse the claims of all jobs that are asked for together with it.
  if (!uuidPattern.test(body.jobId))
    throw new UndecodableDelivery(`job id ${JSON.stringify(body.jobId)} is not a uuid`);
  const traceparent = header(message, 'traceparent');
  return {
    jobId: body.jobId,
    tenantId: body.tenantId,
    kind: body.kind,
    version: body.contractVersion,
    queue,
    payload: body.payload,
    redelivered: message.fields.redelivered,
    enqueuedAt: body.enqueuedAt,
    dispatchedAt: body.dispatchedAt,
    timeoutMs: body.timeout ? body.timeout.seconds * 1000 + body.timeout.nanos / 1e6 : 300_000,
    traceparent: typeof traceparent === 'string' ? traceparent : '',
  };
}

function decodeBody(content: Buffer): JobDelivery {
  try {
    return JobDelivery.decode(content);
  } catch (error) {
    throw new UndecodableDelivery(`body is not a JobDelivery: ${String(error)}`, { cause: error });
  }
}
