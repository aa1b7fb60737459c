import type { Channel } from 'amqplib';
import { EventsMark } from '@roundhouse/contracts';
import type { BrokerConnection, ManagedChannel } from '../connection/index.js';
import { contentType } from '../messages/index.js';
import { eventsKey, exchange } from '../topology/index.js';

/** `type` of a mark among the messages of the events queue. */
export const markType = 'mark';

/** Sends marks through the events queue. Without confirm: one that gets lost is sent again. */
export class MarkSender {
  private constructor(private readonly channel: ManagedChannel<Channel>) {}

  static async open(connection: BrokerConnection): Promise<MarkSender> {
    return new MarkSender(await connection.openChannel(() => undefined));
  }

  send(at: Date): void {
    const body = Buffer.from(EventsMark.encode({ at }).finish());
    this.channel.current?.publish(exchange.ledger, eventsKey, body, { contentType, type: markType, persistent: true });
  }
}
