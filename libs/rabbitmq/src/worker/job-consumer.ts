import type { Channel, ConsumeMessage } from 'amqplib';
import type { Delivery, Log, Settlement } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { randomUUID } from 'node:crypto';
import { abandonChannel, type BrokerConnection, type ManagedChannel, type Publisher } from '../connection/index.js';
import { CombinedAcks, type Settling } from './combined-acks.js';
import { decodeDeliveries, isBundle, UndecodableDelivery } from '../messages/index.js';
import { EarlyRelease } from './early-release.js';
import { HeldDeliveries } from './held-deliveries.js';
import { quarantineDelivery, quarantineMessage } from './quarantine-publisher.js';
import { jobQueue } from '../topology/index.js';

export interface JobConsumerOptions {
  queue: string;
  /** Messages that this process holds at once. */
  prefetch: number;
  execute(delivery: Delivery): Promise<Settlement>;
  /** Waits for a slot of the process; answers how to give it back. */
  acquire(): Promise<() => void>;
  /** Jobs of the queue that may run at once. */
  slots: number;
  /** A job that may run longer than this is acknowledged when it is granted, before the broker's own timeout strikes. */
  ackEarlyAboveMs: number;
  publisher: Publisher;
  log: Log;
}

const requeue: Settlement = { type: 'requeue' };

/** Takes deliveries of one queue, alone or in bundles, and settles each message exactly as the executions of its jobs say. */
export class JobConsumer {
  private readonly inHand = new Map<string, Promise<Settlement>>();
  private readonly unsettled = new Set<Promise<void>>();
  private readonly consumerTag = randomUUID();
  private channel!: ManagedChannel<Channel>;
  private readonly early: EarlyRelease;
  private acks: CombinedAcks | undefined;
  private stopping = false;
  private readonly held = new HeldDeliveries();

  private constructor(private readonly options: JobConsumerOptions) {
    this.early = new EarlyRelease(options.slots);
  }

  static async start(connection: BrokerConnection, options: JobConsumerOptions): Promise<JobConsumer> {
    const consumer = new JobConsumer(options);
    consumer.channel = await connection.openChannel((channel) => consumer.setUp(channel));
    return consumer;
  }

  /** Jobs whose deliveries have waited here for a slot for longer than that. */
  heldFor(ms: number): string[] {
    return this.held.longerThan(ms);
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
    await Promise.all([...this.unsettled, ...this.inHand.values()]);
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
      const settled = this.onMessage(acks, message);
      this.unsettled.add(settled);
      void settled.then(() => this.unsettled.delete(settled));
    };
    await channel.consume(jobQueue(this.options.queue), onMessage, { consumerTag: this.consumerTag });
  }

  private async onMessage(channel: Settling, message: ConsumeMessage): Promise<void> {
    await this.settle(channel, message, await this.execute(message));
  }

  /**
   * Every job waits its turn without having been claimed: one that is not running yet belongs to nobody. Nor is anything decoded before: thousands
   * may wait.
   */
  private async execute(message: ConsumeMessage): Promise<Settlement> {
    const { acquire } = this.options;
    const held = this.held.add(message);
    let release: (() => void) | undefined;
    try {
      release = await acquire();
      const deliveries = decodeDeliveries(message, this.options.queue);
      const settlements: Promise<Settlement>[] = [];
      for (const delivery of deliveries) {
        settlements.push(this.executeInSlot(delivery, release ?? (await acquire())));
        held.began();
        release = undefined;
      }
      held.end();
      const all = await Promise.all(settlements);
      return isBundle(message) ? await this.together(deliveries, all) : (all[0] as Settlement);
    } catch (error) {
      if (error instanceof UndecodableDelivery) return { type: 'quarantine', reason: error.message };
      return this.handBack(error, message.properties.messageId);
    } finally {
      held.end();
      release?.();
    }
  }

  /** What shall become of the delivery, as soon as that is known. */
  private async executeInSlot(delivery: Delivery, release: () => void): Promise<Settlement> {
    // A second delivery of a job in hand (a duplicate, or the first one's connection was lost) shares its fate: it keeps
    // the job with the broker until the first is done, and this worker never claims what it runs.
    const first = this.inHand.get(delivery.jobId);
    if (first || this.stopping) {
      release();
      return first ?? requeue;
    }
    const granted = delivery.timeoutMs > this.options.ackEarlyAboveMs && grantOf(delivery);
    const execution = this.run(delivery).finally(this.early.watch(delivery, release));
    this.inHand.set(delivery.jobId, execution);
    return granted ? Promise.race([granted, execution]) : execution;
  }

  private async run(delivery: Delivery): Promise<Settlement> {
    try {
      return await this.options.execute(delivery);
    } catch (error) {
      return this.handBack(error, delivery.jobId);
    } finally {
      this.inHand.delete(delivery.jobId);
    }
  }

  /** Only infrastructure fails here (the handler's errors are outcomes): somebody else shall try. */
  private handBack(error: unknown, jobId: string | undefined): Settlement {
    logLine(this.options.log, 'delivery.handed_back', { error: String(error), job_id: jobId });
    return requeue;
  }

  /** One settlement for a bundle: it comes again when any of its jobs shall, and the claims of the others are answered with "finished". */
  private async together(deliveries: Delivery[], settlements: Settlement[]): Promise<Settlement> {
    try {
      for (const [i, settlement] of settlements.entries()) {
        if (settlement.type !== 'quarantine') continue;
        const { publisher, queue, log } = this.options;
        await quarantineDelivery(publisher, deliveries[i] as Delivery, { queue, reason: settlement.reason, log });
      }
    } catch (error) {
      return this.handBack(error, deliveries[0]?.jobId);
    }
    return settlements.find(({ type }) => type === 'requeue') ?? { type: 'ack' };
  }

  private async settle(channel: Settling, message: ConsumeMessage, settlement: Settlement | undefined): Promise<void> {
    const { log, publisher, queue } = this.options;
    try {
      if (settlement?.type === 'quarantine')
        await quarantineMessage(publisher, channel, message, { queue, reason: settlement.reason, log });
      else if (settlement?.type === 'requeue') channel.nack(message, false, true);
      else channel.ack(message);
    } catch (error) {
      // The channel that delivered it is gone: the broker delivers again and the claim is answered with "finished".
      logLine(log, 'delivery.not_settled', { error: String(error), job_id: message.properties.messageId });
    }
  }
}

/** Settles a delivery of a long job when it is granted; its lease brings it back from then on. */
const grantOf = (delivery: Delivery): Promise<Settlement> =>
  new Promise((resolve) => (delivery.onGranted = () => resolve({ type: 'ack' })));
