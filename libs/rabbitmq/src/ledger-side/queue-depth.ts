import type { Channel } from 'amqplib';
import type { BrokerConnection, ManagedChannel } from '../connection/index.js';
import { jobQueue } from '../topology/index.js';

/** Asks the broker how many deliveries of a queue are ready. */
export class QueueDepth {
  private constructor(private readonly channel: ManagedChannel<Channel>) {}

  static async open(connection: BrokerConnection): Promise<QueueDepth> {
    return new QueueDepth(await connection.openChannel(() => undefined));
  }

  /** Undefined while the broker, or the queue, is not there. */
  async ready(queue: string): Promise<number | undefined> {
    try {
      return (await this.channel.current?.checkQueue(jobQueue(queue)))?.messageCount;
    } catch {
      return undefined; // the refusal closed the channel; a new one is opened
    }
  }
}
