import type { ConsumeMessage } from 'amqplib';
import type { Delivery, Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { randomUUID } from 'node:crypto';
import type { Settling } from './combined-acks.js';
import { deliveryProperties, encodeDelivery } from '../messages/index.js';
import { type OutboundMessage, type Publisher, PublisherClosedError } from '../connection/index.js';
import { exchange } from '../topology/index.js';

interface Circumstances {
  queue: string;
  /** Why nobody can run it. */
  reason: string;
  log: Log;
}

/** Sends a message that nobody can run to quarantine, with its bytes and properties, and settles it. */
export async function quarantineMessage(
  publisher: Publisher,
  channel: Settling,
  message: ConsumeMessage,
  { queue, reason, log }: Circumstances,
): Promise<void> {
  const { messageId, headers, type, contentType } = message.properties;
  logLine(log, 'delivery.quarantined', { job_id: messageId, kind: type, reason });
  // x-death must not travel on: RabbitMQ 3.10 reads what clients send for its cycle detection.
  const kept = Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !name.startsWith('x-')));
  try {
    await publisher.publish({
      ...quarantined(queue, message.content, { type, contentType, headers: kept }, reason),
      messageId: typeof messageId === 'string' && messageId !== '' ? messageId : randomUUID(),
    });
    channel.ack(message);
  } catch (error) {
    if (error instanceof PublisherClosedError) throw error;
    // Too large to be published, or nowhere to go: the queue's own dead-lettering keeps it, without the reason.
    logLine(log, 'delivery.rejected', { error: String(error), job_id: messageId });
    channel.nack(message, false, false);
  }
}

/** The same for one job of a bundle, as a message of its own; the others are not concerned. */
export async function quarantineDelivery(
  publisher: Publisher,
  delivery: Delivery,
  { queue, reason, log }: Circumstances,
): Promise<void> {
  const { jobId, kind, enqueuedAt = new Date(), dispatchedAt = enqueuedAt } = delivery;
  logLine(log, 'delivery.quarantined', { job_id: jobId, kind, reason });
  const job = { ...delivery, enqueuedAt };
  const body = encodeDelivery(job, dispatchedAt);
  await publisher.publish({ ...quarantined(queue, body, deliveryProperties(job, body), reason), messageId: jobId });
}

function quarantined(
  queue: string,
  body: Buffer,
  { type, contentType, headers }: NonNullable<OutboundMessage['properties']>,
  reason: string,
): Omit<OutboundMessage, 'messageId'> {
  const properties = { type, contentType, headers: { ...(headers as object), 'rh-reason': reason, 'rh-queue': queue } };
  return { exchange: exchange.deadLetter, routingKey: queue, body, properties };
}
