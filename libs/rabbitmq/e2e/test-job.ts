import { JobDelivery, NoopRequest, type KindName } from '@roundhouse/contracts';
import type { Channel, Options } from 'amqplib';
import { randomUUID } from 'node:crypto';
import {
  bundleProperties,
  deliveryProperties,
  encodeBundle,
  encodeDelivery,
  exchange,
  waitHeader,
  type DispatchedJob,
} from '../src/index.js';

export function testJob(patch: Partial<DispatchedJob> & { kind?: KindName } = {}): DispatchedJob {
  return {
    jobId: randomUUID(),
    tenantId: 't1',
    kind: 'platform.noop',
    version: 1,
    payload: NoopRequest.encode(NoopRequest.fromPartial({})).finish(),
    enqueuedAt: new Date(),
    timeoutMs: 60_000,
    traceparent: '',
    ...patch,
  };
}

/** Sends a delivery the way the relay does; `waitMs` through that wait queue. */
export function dispatch(channel: Channel, job: DispatchedJob, patch: Options.Publish = {}, waitMs?: number): string {
  const body = encodeDelivery(job, new Date());
  const properties = { ...deliveryProperties(job, body), messageId: job.jobId, persistent: true, ...patch };
  if (waitMs === undefined) channel.publish(exchange.jobs, 'default', body, properties);
  else
    channel.publish(exchange.retry, 'default', body, {
      ...properties,
      headers: { ...properties.headers, [waitHeader]: waitMs },
    });
  return job.jobId;
}

/** Several jobs as one message. */
export function dispatchBundle(channel: Channel, jobs: DispatchedJob[]): string[] {
  const body = encodeBundle(jobs.map((job) => ({ ...job, dispatchedAt: new Date() })));
  const properties = { ...bundleProperties(jobs.length, body), messageId: 'bundle-1', persistent: true };
  channel.publish(exchange.jobs, 'default', body, properties);
  return jobs.map(({ jobId }) => jobId);
}

/** The id of the job that a message is about. */
export const jobIdOf = (body: Buffer): string => JobDelivery.decode(body).jobId;
