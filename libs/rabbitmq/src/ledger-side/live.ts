import type { Channel } from 'amqplib';
import { LiveNudge } from '@roundhouse/contracts';
import type { BrokerConnection, ManagedChannel } from '../connection/index.js';
import { contentType } from '../messages/index.js';
import { exchange } from '../topology/index.js';

const key = 'nudge';

/**
 * Tells every gateway which jobs and tenants have something new to read. Nudges carry no data and may be lost: a reader
 * looks at the ledger anyway from time to time.
 */
export class LiveChannel {
  private channel!: ManagedChannel<Channel>;

  static async open(connection: BrokerConnection, onNudge?: (nudge: LiveNudge) => void): Promise<LiveChannel> {
    const live = new LiveChannel();
    live.channel = await connection.openChannel(async (channel) => {
      if (!onNudge) return;
      const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
      await channel.bindQueue(queue, exchange.live, key);
      await channel.consume(queue, (message) => message && onNudge(LiveNudge.decode(message.content)), { noAck: true });
    });
    return live;
  }

  nudge(nudge: LiveNudge): void {
    this.channel.current?.publish(exchange.live, key, Buffer.from(LiveNudge.encode(nudge).finish()), { contentType });
  }

  async close(): Promise<void> {
    await this.channel.close();
  }
}
