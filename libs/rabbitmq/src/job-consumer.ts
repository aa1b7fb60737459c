import type { Channel, ConsumeMessage } from 'amqplib';
import type { Delivery, Log, Settlement } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { randomUUID } from 'node:crypto';
import type { BrokerConnection } from './broker-connection.js';
import { CombinedAcks, type Settling } from './combined-acks.js';
import { decodeDelivery } from './delivery-codec.js';
import { abandonChannel, type ManagedChannel } from './managed-channel.js';
import { PublisherClosedError, type Publisher } from './publisher.js';
import { exchange, jobQueue } from './topology.js';

export interface JobConsumerOptions {
  queue: string;
  /** Deliveries that this process holds at once. */
  prefetch: number;
  execute(delivery: Delivery): Promise<Settlement>;
  /** Waits for a slot of the process; answers how to give it back. */
  acquire(): Promise<() => void>;
  /** A job that may run longer than this is acknowledged when it is granted, before the broker's own timeout strikes. */
  ackEarlyAboveMs: number;
  publisher: Publisher;
  log: Log;
}

/** Takes deliveries of one queue and settles each exactly as its execution says. */
export class JobConsumer {
  private readonly inHand = new Map<string, Promise<Settlement>>();
  private readonly unsettled = new Set<Promise<void>>();
  private readonly consumerTag = randomUUID();
  private channel!: ManagedChannel<Channel>;
  private acks: CombinedAcks | undefined;
  private stopping = false;

  private constructor(private readonly options: JobConsumerOptions) {}

  static async start(connection: BrokerConnection, options: JobConsumerOptions): Promise<JobConsumer> {
    const consumer = new JobConsumer(options);
    consumer.channel = await connection.openChannel((channel) => consumer.setUp(channel));
    return consumer;
  }

  get consuming(): boolean {
    return this.channel.current !== undefined && !this.stopping;
  }

  /** Takes nothing new; what is in hand goes on. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.channel.current?.cancel(this.consumerTag);
  }

  /** Waits until everything in hand is settled; closing the channel in order flushes the acknowledgements. */
  async close(): Promise<void> {
    await Promise.all(this.unsettled);
    this.acks?.flush();
    await this.channel.close();
  }

  private async setUp(channel: Channel): Promise<void> {
    if (this.stopping) return;
    await channel.prefetch(this.options.prefetch);
    // One for each channel: what a channel delivered is never acknowledged on its successor.
    const acks = new CombinedAcks(channel, this.options.log);
    this.acks = acks;
    const onMessage = (message: ConsumeMessage | null) => {
      // The broker cancelled the consumer (queue deleted, or its leader gone).
      if (!message) return void abandonChannel(channel, this.options.log);
      const settled = this.onDelivery(acks, message);
      this.unsettled.add(settled);
      void settled.then(() => this.unsettled.delete(settled));
    };
    await channel.consume(jobQueue(this.options.queue), onMessage, { consumerTag: this.consumerTag });
  }

  private async onDelivery(channel: Settling, message: ConsumeMessage): Promise<void> {
    const { log } = this.options;
    let settlement: Settlement | undefined;
    try {
      settlement = await this.execute(channel, message);
    } catch (error) {
      // Only infrastructure fails here (the handler's errors are outcomes): somebody else shall try.
      logLine(log, 'delivery.handed_back', { error: String(error), job_id: message.properties.messageId });
      settlement = { type: 'requeue' };
    }
    if (settlement) await this.settle(channel, message, settlement);
  }

  private async execute(channel: Settling, message: ConsumeMessage): Promise<Settlement | undefined> {
    let delivery: Delivery;
    try {
      delivery = decodeDelivery(message, this.options.queue);
    } catch (error) {
      return { type: 'quarantine', reason: error instanceof Error ? error.message : String(error) };
    }
    if (this.stopping) return { type: 'requeue' };
    // A second delivery of a job in hand (a duplicate, or the first one's connection was lost) shares its fate: it keeps
    // the job with the broker until the first is done, and this worker never claims what it runs.
    const first = this.inHand.get(delivery.jobId);
    if (first) return first;
    let settledEarly = false;
    delivery.onGranted = () => {
      if (delivery.timeoutMs <= this.options.ackEarlyAboveMs) return;
      settledEarly = true;
      void this.settle(channel, message, { type: 'ack' });
    };
    const execution = this.executeInSlot(delivery);
    this.inHand.set(delivery.jobId, execution);
    try {
      const settlement = await execution;
      return settledEarly ? undefined : settlement;
    } finally {
      this.inHand.delete(delivery.jobId);
    }
  }

  /** Waits its turn without having claimed: a job that is not running yet belongs to nobody. */
  private async executeInSlot(delivery: Delivery): Promise<Settlement> {
    const release = await this.options.acquire();
    try {
      return this.stopping ? { type: 'requeue' } : await this.options.execute(delivery);
    } finally {
      release();
    }
  }

  private async settle(channel: Settling, message: ConsumeMessage, settlement: Settlement): Promise<void> {
    try {
      if (settlement.type === 'quarantine') await this.quarantine(channel, message, settlement.reason);
      else if (settlement.type === 'requeue') channel.nack(message, false, true);
      else channel.ack(message);
    } catch (error) {
      // The channel that delivered it is gone: the broker delivers again and the claim is answered with "finished".
      logLine(this.options.log, 'delivery.not_settled', { error: String(error), job_id: message.properties.messageId });
    }
  }

  private async quarantine(channel: Settling, message: ConsumeMessage, reason: string): Promise<void> {
    const { log, publisher, queue } = this.options;
    const { messageId, headers, type, contentType } = message.properties;
    logLine(log, 'delivery.quarantined', { job_id: messageId, kind: type, reason });
    // x-death must not travel on: RabbitMQ 3.10 reads what clients send for its cycle detection.
    const kept = Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !name.startsWith('x-')));
    try {
      await publisher.publish({
        exchange: exchange.deadLetter,
        routingKey: queue,
        body: message.content,
        messageId: typeof messageId === 'string' && messageId !== '' ? messageId : randomUUID(),
        properties: { type, contentType, headers: { ...kept, 'rh-reason': reason, 'rh-queue': queue } },
      });
      channel.ack(message);
    } catch (error) {
      if (error instanceof PublisherClosedError) throw error;
      // Too large to be published, or nowhere to go: the queue's own dead-lettering keeps it, without the reason.
      logLine(log, 'delivery.rejected', { error: String(error), job_id: messageId });
      channel.nack(message, false, false);
    }
  }
}
