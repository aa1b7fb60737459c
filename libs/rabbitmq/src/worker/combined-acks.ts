import type { Channel, ConsumeMessage } from 'amqplib';
import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';

/** The part of a channel that settles its deliveries. */
export type Settling = Pick<Channel, 'ack' | 'nack'>;

// How long a settled delivery waits for an earlier one, so that one acknowledgement can stand for both.
const patienceMs = 4;

/**
 * Acknowledges the deliveries of one channel with as few frames as possible: delivery tags count up from 1, so once all
 * up to one of them are settled a single "multiple" stands for them. For the broker that is one entry in the quorum
 * queue's log instead of one a delivery. What has to wait for an earlier delivery is acknowledged by itself soon after.
 */
export class CombinedAcks implements Settling {
  /** Settled deliveries beyond `settledUpTo`; undefined: handed back, the broker knows already. */
  private readonly ahead = new Map<number, ConsumeMessage | undefined>();
  private settledUpTo = 0;
  private turn: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly channel: Settling,
    private readonly log: Log,
  ) {}

  ack(message: ConsumeMessage): void {
    this.settled(message.fields.deliveryTag, message);
  }

  nack(message: ConsumeMessage, allUpTo = false, requeue = true): void {
    if (allUpTo) throw new Error('Deliveries are handed back one by one');
    this.channel.nack(message, false, requeue);
    this.settled(message.fields.deliveryTag, undefined);
  }

  /** Sends what is held back. To be called before the channel is closed. */
  flush(): void {
    clearImmediate(this.turn);
    clearTimeout(this.timer);
    this.turn = this.timer = undefined;
    try {
      this.ackPrefix();
      for (const [tag, message] of this.ahead) {
        if (message) this.channel.ack(message);
        this.ahead.set(tag, undefined);
      }
    } catch (error) {
      this.lost(error);
    }
  }

  private settled(tag: number, message: ConsumeMessage | undefined): void {
    this.ahead.set(tag, message);
    this.turn ??= setImmediate(() => this.onTurn());
  }

  private onTurn(): void {
    this.turn = undefined;
    try {
      this.ackPrefix();
    } catch (error) {
      return this.lost(error);
    }
    if (this.ahead.size > 0) this.timer ??= setTimeout(() => this.flush(), patienceMs);
  }

  private ackPrefix(): void {
    let last: ConsumeMessage | undefined;
    while (this.ahead.has(this.settledUpTo + 1)) {
      this.settledUpTo += 1;
      last = this.ahead.get(this.settledUpTo) ?? last;
      this.ahead.delete(this.settledUpTo);
    }
    if (last) this.channel.ack(last, true);
  }

  /** The channel is gone: the broker delivers again and the claims are answered with "finished". */
  private lost(error: unknown): void {
    this.ahead.clear();
    logLine(this.log, 'delivery.not_acknowledged', { error: String(error) });
  }
}
