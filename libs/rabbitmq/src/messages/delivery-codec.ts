import type { ConsumeMessage, Options } from 'amqplib';
import { JobBundle, JobDelivery } from '@roundhouse/contracts';
import type { Delivery } from '@roundhouse/jobs';

export const contentType = 'application/x-protobuf';
/** The type of a message with several jobs. No kind is called so: theirs have a dot. */
export const bundleType = 'bundle';

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

const deliveryOf = (job: DispatchedJob, dispatchedAt: Date, traceparent: string): JobDelivery => ({
  jobId: job.jobId,
  tenantId: job.tenantId,
  kind: job.kind,
  contractVersion: job.version,
  payload: asBuffer(job.payload),
  enqueuedAt: job.enqueuedAt,
  dispatchedAt,
  timeout: { seconds: Math.floor(job.timeoutMs / 1000), nanos: (job.timeoutMs % 1000) * 1e6 },
  traceparent,
});

export function encodeDelivery(job: DispatchedJob, dispatchedAt: Date): Buffer {
  return asBuffer(JobDelivery.encode(deliveryOf(job, dispatchedAt, '')).finish());
}

export function encodeBundle(jobs: readonly (DispatchedJob & { dispatchedAt: Date })[]): Buffer {
  const deliveries = jobs.map((job) => deliveryOf(job, job.dispatchedAt, job.traceparent));
  return asBuffer(JobBundle.encode({ deliveries }).finish());
}

/** What must be known of a delivery without decoding it. */
export function deliveryProperties(
  job: Pick<DispatchedJob, 'tenantId' | 'kind' | 'version' | 'traceparent'>,
  body: Buffer,
): Options.Publish {
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

export const bundleProperties = (jobs: number, body: Buffer): Options.Publish => ({
  contentType,
  type: bundleType,
  headers: { 'rh-length': body.length, 'rh-jobs': jobs },
});

export const isBundle = ({ properties }: Pick<ConsumeMessage, 'properties'>): boolean => properties.type === bundleType;

/** The delivery can never be run by anybody; `message` says why. */
export class UndecodableDelivery extends Error {
  override readonly name = 'UndecodableDelivery';
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function header(message: ConsumeMessage, name: string): unknown {
  return message.properties.headers?.[name];
}

/**
 * The jobs of a message, in its order. An empty protobuf body decodes without error to default values, so type, length and number
 * are checked against the properties before anything is believed.
 * @throws UndecodableDelivery when any part of the message cannot be believed
 */
export function decodeDeliveries(message: ConsumeMessage, queue: string): Delivery[] {
  checkProperties(message);
  const facts = { queue, redelivered: message.fields.redelivered };
  if (!isBundle(message)) return [decodeAlone(message, facts)];
  const { deliveries } = decodeBundle(message.content);
  const said = header(message, 'rh-jobs');
  if (deliveries.length !== said)
    throw new UndecodableDelivery(`bundle of ${deliveries.length} jobs, its header says ${String(said)}`);
  return deliveries.map((delivery) => toDelivery(delivery, { ...facts, traceparent: delivery.traceparent }));
}

/** As sent in a bundle, for taking it apart. @throws UndecodableDelivery */
export function decodeBundle(content: Buffer): JobBundle {
  try {
    return JobBundle.decode(content);
  } catch (error) {
    throw new UndecodableDelivery(`body is not a JobBundle: ${String(error)}`, { cause: error });
  }
}

function checkProperties(message: ConsumeMessage): void {
  const { contentType: type } = message.properties;
  if (type !== contentType) throw new UndecodableDelivery(`content type is ${String(type)}, not ${contentType}`);
  const length = header(message, 'rh-length');
  if (length !== message.content.length) {
    throw new UndecodableDelivery(`body has ${message.content.length} bytes, its header says ${String(length)}`);
  }
}

type Facts = Pick<Delivery, 'queue' | 'redelivered'>;

function decodeAlone(message: ConsumeMessage, facts: Facts): Delivery {
  const { type: kind } = message.properties;
  const body = decodeBody(message.content);
  if (body.kind !== kind)
    throw new UndecodableDelivery(`body is of kind ${body.kind}, its property says ${String(kind)}`);
  const traceparent = header(message, 'traceparent');
  return toDelivery(body, { ...facts, traceparent: typeof traceparent === 'string' ? traceparent : '' });
}

function toDelivery(body: JobDelivery, facts: Facts & { traceparent: string }): Delivery {
  // One id that is no uuid would make the ledger refuse the claims of all jobs that are asked for together with it.
  if (!uuidPattern.test(body.jobId))
    throw new UndecodableDelivery(`job id ${JSON.stringify(body.jobId)} is not a uuid`);
  return {
    jobId: body.jobId,
    tenantId: body.tenantId,
    kind: body.kind,
    version: body.contractVersion,
    queue: facts.queue,
    payload: body.payload,
    redelivered: facts.redelivered,
    enqueuedAt: body.enqueuedAt,
    dispatchedAt: body.dispatchedAt,
    timeoutMs: body.timeout ? body.timeout.seconds * 1000 + body.timeout.nanos / 1e6 : 300_000,
    traceparent: facts.traceparent,
  };
}

function decodeBody(content: Buffer): JobDelivery {
  try {
    return JobDelivery.decode(content);
  } catch (error) {
    throw new UndecodableDelivery(`body is not a JobDelivery: ${String(error)}`, { cause: error });
  }
}

/** A delivery of a bundle as a message of its own. */
export function alone({ traceparent, ...delivery }: JobDelivery): { body: Buffer; properties: Options.Publish } {
  const body = asBuffer(JobDelivery.encode({ ...delivery, traceparent: '' }).finish());
  return {
    body,
    properties: deliveryProperties({ ...delivery, version: delivery.contractVersion, traceparent }, body),
  };
}
