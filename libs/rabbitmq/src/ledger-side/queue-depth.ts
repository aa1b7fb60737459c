import type { Channel } from 'amqplib';
import type { BrokerConnection, ManagedChannel } from '../connection/index.js';
import { jobQueue } from '../topology/index.js';

/** Asks the broker how many deliveries of a queue wait, and for how many consumers. */
export class QueueDepth {
  private constructor(private readonly channel: ManagedChannel<Channel>) {}

  static async open(connection: BrokerConnection): Promise<QueueDepth> {
    return new QueueDepth(await connection.openChannel(() => undefined));
  }

  /** Undefined while the broker, or the queue, is not there. */
  async look(queue: string): Promise<{ ready: number; consumers: number } | undefined> {
    try {
      const answer = await this.channel.current?.checkQueue(jobQueue(queue));
      return answer && { ready: answer.messageCount, consumers: answer.consumerCount };
    } catch {
      return undefined; // the refusal closed the channel; a new one is opened
    }
  }
}
