import type { ConfirmChannel, Message, Options } from 'amqplib';
import { count } from '@roundhouse/telemetry';
import type { BrokerConnection } from './broker-connection.js';
import type { ManagedChannel } from './managed-channel.js';

export interface OutboundMessage {
  exchange: string;
  routingKey: string;
  body: Buffer;
  /** A message of unknown fate is sent again under the same id. */
  messageId: string;
  properties?: Omit<Options.Publish, 'messageId' | 'mandatory' | 'persistent'>;
}

export interface PublisherOptions {
  /** Messages sent and not yet confirmed. @default 2000 */
  maxInFlight?: number;
  /** After this long without an answer the fate of a message is unknown and it is sent again. @default 10000 */
  confirmTimeoutMs?: number;
}

/** No queue is bound for the message: the topology is not in place. */
export class UnroutableError extends Error {
  override readonly name = 'UnroutableError';
}

/** Larger than a message may be. The broker would close the channel over it, again each time it is sent. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError';
}

export class PublisherClosedError extends Error {
  override readonly name = 'PublisherClosedError';
}

const closedEarly = () => new PublisherClosedError('The publisher was closed before the broker confirmed the message');

/** Half of what RabbitMQ 4 takes by default. */
export const maxMessageBytes = 8 * 1024 * 1024;

interface Entry {
  message: OutboundMessage;
  sentAt: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Publishes persistent, mandatory messages and resolves when the broker has confirmed them. Nothing is given up: what was
 * in flight when a channel broke, was refused (queue full) or got no answer in time is sent again, so a message may
 * arrive twice and never not at all.
 */
export class Publisher {
  private readonly waiting: Entry[] = [];
  private readonly inFlight = new Set<Entry>();
  /** How many messages of an id came back and have not been confirmed yet. */
  private readonly returned = new Map<string, number>();
  private channel!: ManagedChannel<ConfirmChannel>;
  private needsDrain = false;
  private blocked = false;
  private closed = false;
  private readonly maxInFlight: number;
  private readonly confirmTimeoutMs: number;
  private readonly timer: NodeJS.Timeout;

  private constructor(options: PublisherOptions) {
    this.maxInFlight = options.maxInFlight ?? 2_000;
    this.confirmTimeoutMs = options.confirmTimeoutMs ?? 10_000;
    this.timer = setInterval(() => this.resendOverdue(), Math.min(1_000, this.confirmTimeoutMs / 2));
    this.timer.unref();
  }

  static async open(connection: BrokerConnection, options: PublisherOptions = {}): Promise<Publisher> {
    const publisher = new Publisher(options);
    publisher.channel = await connection.openConfirmChannel((channel) => publisher.setUp(channel));
    publisher.channel.onLost(() => publisher.resendAll());
    connection.on('blocked', () => (publisher.blocked = true));
    connection.on('unblocked', () => {
      publisher.blocked = false;
      publisher.pump();
    });
    publisher.pump();
    return publisher;
  }

  /** Messages accepted and not yet confirmed. */
  get pending(): number {
    return this.waiting.length + this.inFlight.size;
  }

  publish(message: OutboundMessage): Promise<void> {
    if (this.closed) return Promise.reject(new PublisherClosedError('The publisher is closed'));
    if (message.body.length > maxMessageBytes) {
      const size = `${message.body.length} bytes, more than ${maxMessageBytes}`;
      return Promise.reject(new MessageTooLargeError(`Message ${message.messageId} has ${size}`));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, sentAt: 0, resolve, reject });
      this.pump();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.channel.close();
    for (const entry of [...this.inFlight, ...this.waiting.splice(0)]) {
      entry.reject(closedEarly());
    }
    this.inFlight.clear();
  }

  private setUp(channel: ConfirmChannel): void {
    this.needsDrain = false;
    channel.on('return', (message: Message) => this.onReturn(String(message.properties.messageId)));
    channel.on('drain', () => {
      this.needsDrain = false;
      this.pump();
    });
    // The channel becomes current only after this set-up.
    setImmediate(() => this.pump());
  }

  private pump(): void {
    const channel = this.channel?.current;
    if (!channel || this.blocked) return;
    while (this.waiting.length > 0 && this.inFlight.size < this.maxInFlight && !this.needsDrain) {
      const entry = this.waiting.shift() as Entry;
      try {
        this.send(channel, entry);
      } catch {
        // The channel closed between two messages; its loss is about to be announced and everything is sent again.
        this.inFlight.delete(entry);
        this.waiting.unshift(entry);
        return;
      }
    }
  }

  private send(channel: ConfirmChannel, entry: Entry): void {
    const { exchange, routingKey, body, messageId, properties } = entry.message;
    entry.sentAt = performance.now();
    this.inFlight.add(entry);
    const flushed = channel.publish(
      exchange,
      routingKey,
      body,
      { ...properties, messageId, mandatory: true, persistent: true },
      (error) => this.onConfirm(entry, error as Error | null),
    );
    // False means buffered, not refused: the message must not be sent again.
    if (!flushed) this.needsDrain = true;
  }

  private onConfirm(entry: Entry, error: Error | null): void {
    if (!this.inFlight.delete(entry)) return; // sent again meanwhile; the later answer counts
    const { messageId, exchange, routingKey } = entry.message;
    // An unroutable message is confirmed too; its return arrives before the confirm.
    if (this.wasReturned(messageId)) {
      count('returns', { queue: routingKey, reason: 'unroutable' });
      entry.reject(new UnroutableError(`No queue is bound to exchange ${exchange} for routing key ${routingKey}`));
    } else if (error) {
      this.resend(entry);
    } else {
      entry.resolve();
    }
    this.pump();
  }

  private onReturn(messageId: string): void {
    this.returned.set(messageId, (this.returned.get(messageId) ?? 0) + 1);
  }

  private wasReturned(messageId: string): boolean {
    const times = this.returned.get(messageId);
    if (times === undefined) return false;
    if (times > 1) this.returned.set(messageId, times - 1);
    else this.returned.delete(messageId);
    return true;
  }

  private resend(entry: Entry): void {
    if (this.closed) return entry.reject(closedEarly());
    this.waiting.push(entry);
    // A refused message would spin if it were sent again at once.
    setTimeout(() => this.pump(), 50).unref();
  }

  private resendAll(): void {
    this.waiting.unshift(...this.inFlight);
    this.inFlight.clear();
    this.returned.clear();
  }

  private resendOverdue(): void {
    if (this.blocked) return;
    const limit = performance.now() - this.confirmTimeoutMs;
    for (const entry of this.inFlight) {
      if (entry.sentAt > limit) break; // a set iterates in the order of sending
      this.inFlight.delete(entry);
      this.waiting.push(entry);
      count('publishes', { queue: entry.message.routingKey, outcome: 'unknown' });
    }
    this.pump();
  }
}
