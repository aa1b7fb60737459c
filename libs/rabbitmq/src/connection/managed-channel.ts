import type { Channel, ChannelModel } from 'amqplib';
import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';

/** Runs on every new channel: prefetch, consumers, listeners. */
export type ChannelSetup<C> = (channel: C) => Promise<void> | void;

const reopenDelaysMs = [100, 500, 1_000, 3_000];

/** The channel was closed by its owner; it does not come back. */
export class ChannelClosedError extends Error {
  override readonly name = 'ChannelClosedError';
}

/** Gives a channel up for a new one, e.g. when the broker has cancelled its consumer (queue deleted, or its leader gone). */
export async function abandonChannel(channel: Channel, log: Log): Promise<void> {
  try {
    await channel.close();
  } catch (error) {
    logLine(log, 'broker.channel_closed_already', { error: String(error) });
  }
}

interface Waiting<C> {
  resolve(channel: C): void;
  reject(error: Error): void;
}

/**
 * A channel that is replaced when it breaks, be it alone (a channel error) or with its connection.
 * Whoever acknowledges must do so on the channel that delivered, never on its successor.
 */
export class ManagedChannel<C extends Channel> {
  private channel: C | undefined;
  private closed = false;
  private model: ChannelModel | undefined;
  private waiting: Waiting<C>[] = [];
  private lostListeners: (() => void)[] = [];

  constructor(
    private readonly create: (model: ChannelModel) => Promise<C>,
    private readonly setup: ChannelSetup<C>,
    private readonly log: Log,
  ) {}

  get current(): C | undefined {
    return this.channel;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** The channel, as soon as there is one. Rejects with ChannelClosedError when there will be none. */
  ready(): Promise<C> {
    if (this.channel) return Promise.resolve(this.channel);
    if (this.closed) return Promise.reject(new ChannelClosedError('The channel is closed'));
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  onLost(listener: () => void): void {
    this.lostListeners.push(listener);
  }

  async open(model: ChannelModel): Promise<void> {
    if (this.closed) return;
    this.model = model;
    const channel = await this.create(model);
    let broken = false;
    channel.on('error', (error: Error) => logLine(this.log, 'broker.channel_error', { error: error.message }));
    channel.on('close', () => {
      broken = true;
      if (this.channel !== channel) return;
      this.forget();
      this.reopen(model, 0);
    });
    try {
      await this.setup(channel);
    } catch (error) {
      if (!broken) await abandonChannel(channel, this.log);
      throw error;
    }
    if (broken) throw new Error('The channel was closed while it was set up');
    if (this.closed) return abandonChannel(channel, this.log);
    this.channel = channel;
    for (const { resolve } of this.waiting.splice(0)) resolve(channel);
  }

  /** Like `open`, but one that fails (its queue is missing) is tried again and does not take the connection with it. */
  async recover(model: ChannelModel): Promise<void> {
    try {
      await this.open(model);
    } catch (error) {
      logLine(this.log, 'broker.channel_not_reopened', { error: String(error) });
      this.reopen(model, 1);
    }
  }

  /** The connection is gone; its successor opens the channel again. */
  lost(): void {
    this.model = undefined;
    this.forget();
  }

  private forget(): void {
    if (!this.channel) return;
    this.channel = undefined;
    for (const listener of this.lostListeners) listener();
  }

  async close(): Promise<void> {
    this.closed = true;
    const { channel } = this;
    this.channel = undefined;
    for (const { reject } of this.waiting.splice(0)) reject(new ChannelClosedError('The channel is closed'));
    if (channel) await abandonChannel(channel, this.log);
  }

  private reopen(model: ChannelModel, tries: number): void {
    const delayMs = reopenDelaysMs[Math.min(tries, reopenDelaysMs.length - 1)];
    setTimeout(() => {
      if (this.closed || this.channel || this.model !== model) return;
      this.open(model).catch((error: unknown) => {
        logLine(this.log, 'broker.channel_not_reopened', { error: String(error) });
        this.reopen(model, tries + 1);
      });
    }, delayMs).unref();
  }
}
