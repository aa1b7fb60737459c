import type { Channel, ConsumeMessage } from 'amqplib';
import type { JobDelivery } from '@roundhouse/contracts';
import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { setTimeout as delay } from 'node:timers/promises';
import { abandonChannel, type BrokerConnection, type ManagedChannel, type Publisher } from '../connection/index.js';
import { alone, decodeBundle, isBundle } from '../messages/index.js';
import { exchange, quarantineQueue } from '../topology/index.js';

/** A delivery that nobody can run, as far as its properties can be believed. */
export interface QuarantinedDelivery {
  jobId: string | undefined;
  tenantId: string | undefined;
  kind: string | undefined;
  queue: string | undefined;
  reason: string;
  /** The original bytes of the message body. */
  body: Buffer;
}

export interface QuarantineOptions {
  /** Must have stored it when it resolves. */
  record(delivery: QuarantinedDelivery): Promise<void>;
  /**
   * Those of the deliveries of a queue that are what the ledger would send. Any worker may publish here, and what it says to be a bundle must not bring
   * deliveries of its making to the workers of another queue.
   */
  genuine(queue: string, deliveries: readonly JobDelivery[]): Promise<JobDelivery[]>;
  /** Sends the jobs of a bundle out again, each for itself. */
  publisher: Publisher;
  log: Log;
}

const retryMs = 1_000;

interface DeathRecord {
  reason?: string;
  queue?: string;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function describe({ content, properties, fields }: ConsumeMessage): QuarantinedDelivery {
  const headers = properties.headers ?? {};
  const death = (headers['x-death'] as DeathRecord[] | undefined)?.[0];
  return {
    jobId: text(properties.messageId),
    tenantId: text(headers['rh-tenant']),
    kind: text(properties.type),
    queue: text(headers['rh-queue']) ?? text(fields.routingKey),
    reason: text(headers['rh-reason']) ?? (death?.reason ? `dead-lettered by the broker: ${death.reason}` : 'unknown'),
    body: content,
  };
}

/**
 * Moves quarantined deliveries into the ledger, where people can see them. A bundle is taken apart instead: one of its jobs may be the
 * reason why it came too often, and sent alone it shows which.
 */
export async function consumeQuarantine(
  connection: BrokerConnection,
  options: QuarantineOptions,
): Promise<ManagedChannel<Channel>> {
  return connection.openChannel(async (channel) => {
    await channel.prefetch(10);
    await channel.consume(quarantineQueue, (message) => {
      if (message) void take(channel, message, options);
      else void abandonChannel(channel, options.log);
    });
  });
}

async function take(channel: Channel, message: ConsumeMessage, options: QuarantineOptions): Promise<void> {
  let open = true;
  const onClose = () => (open = false);
  channel.once('close', onClose);
  // Held until it is recorded: every return would count towards the queue's delivery limit, at which the broker drops it.
  while (open) {
    try {
      if (!(await takeApart(message, options))) await options.record(describe(message));
      if (open) channel.ack(message);
      break;
    } catch (error) {
      logLine(options.log, 'quarantine.not_recorded', { error: String(error), job_id: message.properties.messageId });
      await delay(retryMs);
    }
  }
  channel.off('close', onClose);
}

/** False: it is no bundle that can be read, or none of the ledger's. */
async function takeApart(message: ConsumeMessage, { genuine, publisher, log }: QuarantineOptions): Promise<boolean> {
  const deliveries = isBundle(message) ? readBundle(message.content) : undefined;
  const { queue, reason } = describe(message);
  if (!deliveries || queue === undefined) return false;
  const own = await genuine(queue, deliveries);
  if (own.length === 0) return false;
  logLine(log, 'bundle.taken_apart', { queue, jobs: own.length, left_out: deliveries.length - own.length, reason });
  await Promise.all(
    own.map((delivery) =>
      publisher.publish({ exchange: exchange.jobs, routingKey: queue, messageId: delivery.jobId, ...alone(delivery) }),
    ),
  );
  return true;
}

function readBundle(content: Buffer): JobDelivery[] | undefined {
  try {
    return decodeBundle(content).deliveries;
  } catch {
    return undefined; // kept as it is
  }
}
