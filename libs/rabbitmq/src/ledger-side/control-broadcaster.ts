import type { Channel } from 'amqplib';
import { ControlMessage } from '@roundhouse/contracts';
import { contentType } from '../messages/index.js';
import type { ManagedChannel } from '../connection/index.js';
import { exchange } from '../topology/index.js';

/** Sends without confirm: a broadcast is a shortcut, the heartbeat's answer is what counts. */
export class ControlBroadcaster {
  constructor(private readonly channel: ManagedChannel<Channel>) {}

  send(command: NonNullable<ControlMessage['command']>): void {
    const body = Buffer.from(ControlMessage.encode({ command }).finish());
    this.channel.current?.publish(exchange.control, '', body, { contentType });
  }
}
