import type { Channel, ConsumeMessage } from 'amqplib';
import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerConnection } from './broker-connection.js';
import { abandonChannel, type ManagedChannel } from './managed-channel.js';
import { quarantineQueue } from './topology.js';

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

/** Moves quarantined deliveries into the ledger, where people can see them. `record` must have stored it when it resolves. */
export async function consumeQuarantine(
  connection: BrokerConnection,
  record: (delivery: QuarantinedDelivery) => Promise<void>,
  log: Log,
): Promise<ManagedChannel<Channel>> {
  return connection.openChannel(async (channel) => {
    await channel.prefetch(10);
    await channel.consume(quarantineQueue, (message) => {
      if (message) void take(channel, message, record, log);
      else void abandonChannel(channel, log);
    });
  });
}

async function take(
  channel: Channel,
  message: ConsumeMessage,
  record: (delivery: QuarantinedDelivery) => Promise<void>,
  log: Log,
): Promise<void> {
  let open = true;
  const onClose = () => (open = false);
  channel.once('close', onClose);
  // Held until it is recorded: every return would count towards the queue's delivery limit, at which the broker drops it.
  while (open) {
    try {
      await record(describe(message));
      if (open) channel.ack(message);
      break;
    } catch (error) {
      logLine(log, 'quarantine.not_recorded', { error: String(error), job_id: message.properties.messageId });
      await delay(retryMs);
    }
  }
  channel.off('close', onClose);
}
