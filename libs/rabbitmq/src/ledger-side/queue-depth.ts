import type { Channel } from 'amqplib';
import { setTimeout } from 'node:timers/promises';
import type { BrokerConnection, ManagedChannel } from '../connection/index.js';
import { jobQueue } from '../topology/index.js';

const patienceMs = 2_000;

/** Asks the broker how many deliveries of a queue wait, and for how many consumers. */
export class QueueDepth {
  private constructor(private readonly channel: ManagedChannel<Channel>) {}

  static async open(connection: BrokerConnection): Promise<QueueDepth> {
    return new QueueDepth(await connection.openChannel(() => undefined));
  }

  /** Undefined while the broker, or the queue, is not there; a broker that has frozen is not waited for. */
  async look(queue: string): Promise<{ ready: number; consumers: number } | undefined> {
    const late = new AbortController();
    try {
      const answer = await Promise.race([
        this.channel.current?.checkQueue(jobQueue(queue)),
        setTimeout(patienceMs, undefined, { ref: false, signal: late.signal }),
      ]);
      return answer && { ready: answer.messageCount, consumers: answer.consumerCount };
    } catch {
      return undefined; // the refusal closed the channel; a new one is opened
    } finally {
      late.abort();
    }
  }
}
