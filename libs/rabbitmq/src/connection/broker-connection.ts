import { connect, type Channel, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { EventEmitter } from 'node:events';
import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { ManagedChannel, type ChannelSetup } from './managed-channel.js';

const heartbeatSeconds = 10;

export interface BrokerConnectionOptions {
  url: string;
  /** Shown in the broker's list of connections. */
  name: string;
  log: Log;
}

/** What keeps the broker from taking messages. */
export interface ConnectionTrouble {
  /** blocked: it is short of memory or disk. */
  what: 'away' | 'blocked';
  /** In the broker's words; empty when it gave none. */
  reason: string;
  forMs: number;
}

type RecoveringModel = ChannelModel & { waitForConnect(): Promise<void> };

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(heartbeatSeconds));
  return parsed.toString();
}

/**
 * One connection that comes back by itself. Channels opened through it are set up again after every reconnect and after
 * a channel error. Emits `connect`, `disconnect`, `blocked` and `unblocked`.
 */
export class BrokerConnection extends EventEmitter {
  private readonly channels = new Set<ManagedChannel<Channel>>();
  private model: ChannelModel | undefined;
  private recovering: RecoveringModel | undefined;
  private connectedSince: number | undefined;
  private troubled: { what: 'away' | 'blocked'; reason: string; since: number } | undefined;
  private closing = false;

  private constructor(private readonly options: BrokerConnectionOptions) {
    super();
    this.setMaxListeners(50);
  }

  /** Resolves at the first successful connection and rejects when the broker refuses the credentials or is not there. */
  static async open(options: BrokerConnectionOptions): Promise<BrokerConnection> {
    const connection = new BrokerConnection(options);
    await connection.start();
    return connection;
  }

  get connected(): boolean {
    return this.model !== undefined;
  }

  /** Milliseconds since the last (re)connect; Infinity when not connected. */
  get connectedForMs(): number {
    return this.connectedSince === undefined ? Infinity : performance.now() - this.connectedSince;
  }

  /** Undefined: the broker is there and takes messages. */
  trouble(): ConnectionTrouble | undefined {
    if (!this.troubled) return undefined;
    const { what, reason, since } = this.troubled;
    return { what, reason, forMs: performance.now() - since };
  }

  async openChannel(setup: ChannelSetup<Channel>): Promise<ManagedChannel<Channel>> {
    return this.manage(new ManagedChannel((model) => model.createChannel(), setup, this.options.log));
  }

  async openConfirmChannel(setup: ChannelSetup<ConfirmChannel>): Promise<ManagedChannel<ConfirmChannel>> {
    const managed = new ManagedChannel((model) => model.createConfirmChannel(), setup, this.options.log);
    await this.manage(managed as unknown as ManagedChannel<Channel>);
    return managed;
  }

  async close(): Promise<void> {
    this.closing = true;
    for (const channel of this.channels) await channel.close();
    await this.recovering?.close();
    this.model = undefined;
  }

  private async start(): Promise<void> {
    const { url, name } = this.options;
    const model = (await connect(withHeartbeat(url), {
      clientProperties: { connection_name: name },
      noDelay: true,
      // Whoever opens it decides whether to try again; afterwards it reconnects for ever.
      recovery: { initialDelay: 100, maxDelay: 3_000, initialMaxRetries: 0, setup: (m: ChannelModel) => this.setUp(m) },
    } as never)) as unknown as RecoveringModel;
    this.recovering = model;
    model.on('connect', () => this.onConnect());
    model.on('disconnect', (error: Error) => this.onDisconnect(error));
    model.on('connect-failed', (error: Error) =>
      logLine(this.options.log, 'broker.connect_failed', { error: error.message }),
    );
    model.on('error', (error: Error) => logLine(this.options.log, 'broker.error', { error: error.message }));
    model.on('blocked', (reason: string) => {
      logLine(this.options.log, 'broker.blocked', { reason });
      this.troubled = { what: 'blocked', reason, since: performance.now() };
      this.emit('blocked');
    });
    model.on('unblocked', () => this.unblock());
    this.connectedSince = performance.now();
  }

  private async setUp(model: ChannelModel): Promise<void> {
    // Without a listener an error during set-up would end the process; recovery reports it as connect-failed.
    model.on('error', (error: Error) => logLine(this.options.log, 'broker.setup_error', { error: error.message }));
    let gone = false;
    model.on('close', () => (gone = true));
    for (const channel of this.channels) {
      if (channel.isClosed) this.channels.delete(channel);
      else await channel.recover(model);
    }
    // Recovery watches the connection only from now on.
    if (gone) throw new Error('The connection was lost while its channels were set up');
    this.model = model;
  }

  private async manage(channel: ManagedChannel<Channel>): Promise<ManagedChannel<Channel>> {
    this.channels.add(channel);
    try {
      if (this.model) await channel.open(this.model);
      return channel;
    } catch (error) {
      await channel.close();
      throw error;
    }
  }

  private unblock(): void {
    this.troubled = undefined;
    this.emit('unblocked');
  }

  private onConnect(): void {
    this.connectedSince = performance.now();
    // Whoever was told to wait by the connection that is gone is told by the new one if that still holds.
    this.unblock();
    this.emit('connect');
  }

  private onDisconnect(error: Error): void {
    this.model = undefined;
    this.connectedSince = undefined;
    this.troubled = { what: 'away', reason: '', since: performance.now() };
    for (const channel of this.channels) channel.lost();
    if (!this.closing) logLine(this.options.log, 'broker.disconnected', { error: error.message });
    this.emit('disconnect');
  }
}
