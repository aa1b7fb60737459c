import type { Channel, ChannelModel } from 'amqplib';
import type { Log } from '@roundhouse/jobs';

/** Runs on every new channel: prefetch, consumers, listeners. */
export type ChannelSetup<C> = (channel: C) => Promise<void> | void;

const reopenDelaysMs = [100, 500, 1_000, 3_000];

/**
 * A channel that is replaced when it breaks, be it alone (a channel error) or with its connection.
 * Whoever acknowledges must do so on the channel that delivered, never on its successor.
 */
export class ManagedChannel<C extends Channel> {
  private channel: C | undefined;
  private closed = false;
  private waiting: ((channel: C) => void)[] = [];
  private lostListeners: (() => void)[] = [];

  constructor(
    private readonly create: (model: ChannelModel) => Promise<C>,
    private readonly setup: ChannelSetup<C>,
    private readonly log: Log,
  ) {}

  get current(): C | undefined {
    return this.channel;
  }

  /** The channel, as soon as there is one. */
  ready(): Promise<C> {
    if (this.channel) return Promise.resolve(this.channel);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  onLost(listener: () => void): void {
    this.lostListeners.push(listener);
  }

  async open(model: ChannelModel): Promise<void> {
    if (this.closed) return;
    const channel = await this.create(model);
    let broken = false;
    channel.on('error', (error: Error) => this.log.warn({ error: error.message }, 'channel error'));
    channel.on('close', () => {
      broken = true;
      if (this.channel !== channel) return;
      this.lost();
      if (!this.closed) this.reopen(model, 0);
    });
    await this.setup(channel);
    if (broken) throw new Error('The channel was closed while it was set up');
    this.channel = channel;
    for (const resolve of this.waiting.splice(0)) resolve(channel);
  }

  /** Forgets the channel; called when it or its connection is gone. */
  lost(): void {
    if (!this.channel) return;
    this.channel = undefined;
    for (const listener of this.lostListeners) listener();
  }

  /** Gives the broken channel up for a new one on the same connection. */
  restart(): void {
    this.channel?.close().catch((error: unknown) => this.log.debug({ error: String(error) }, 'channel was closed already'));
  }

  async close(): Promise<void> {
    this.closed = true;
    const { channel } = this;
    this.channel = undefined;
    if (!channel) return;
    await channel.close().catch((error: unknown) => this.log.debug({ error: String(error) }, 'channel was closed already'));
  }

  private reopen(model: ChannelModel, tries: number): void {
    const delayMs = reopenDelaysMs[Math.min(tries, reopenDelaysMs.length - 1)];
    setTimeout(() => {
      if (this.closed || this.channel) return;
      this.open(model).catch((error: unknown) => {
        // When the connection is gone as well, its recovery opens the channel and this attempt ends here.
        this.log.warn({ error: String(error) }, 'channel could not be reopened');
        if (tries < 100) this.reopen(model, tries + 1);
      });
    }, delayMs).unref();
  }
}
