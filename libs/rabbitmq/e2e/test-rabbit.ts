import { createTestBroker, waitFor, type TestBroker } from '@roundhouse/testing';
import { connect, type Channel, type ChannelModel, type GetMessage } from 'amqplib';
import type { Log } from '@roundhouse/jobs';
import { applyTopology, BrokerConnection, topology, type Topology } from '../src/index.js';

/** A log that can be read afterwards. */
export class LogLines implements Log {
  readonly lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  debug = (fields: object, message: string) => this.add('debug', fields, message);
  info = (fields: object, message: string) => this.add('info', fields, message);
  warn = (fields: object, message: string) => this.add('warn', fields, message);
  error = (fields: object, message: string) => this.add('error', fields, message);

  has(message: string): boolean {
    return this.lines.some((line) => line.message === message);
  }

  private add(level: string, fields: object, message: string): void {
    this.lines.push({ level, message, fields: fields as Record<string, unknown> });
  }
}

/** A virtual host with a topology, connections to it that are closed at the end, and a channel of the test's own. */
export class TestRabbit {
  readonly log = new LogLines();
  private readonly connections: BrokerConnection[] = [];

  private constructor(
    readonly broker: TestBroker,
    private readonly model: ChannelModel,
    readonly channel: Channel,
  ) {}

  static async start(wanted: Topology = topology(['default'])): Promise<TestRabbit> {
    const broker = await createTestBroker();
    await applyTopology(broker.url, wanted);
    const model = await connect(broker.url);
    return new TestRabbit(broker, model, await model.createChannel());
  }

  get url(): string {
    return this.broker.url;
  }

  async connect(url = this.broker.url): Promise<BrokerConnection> {
    const connection = await BrokerConnection.open({ url, name: 'test', log: this.log });
    this.connections.push(connection);
    return connection;
  }

  /** A channel that may be broken by the test. */
  rawChannel(): Promise<Channel> {
    return this.model.createChannel().then((channel) => {
      channel.on('error', () => undefined);
      return channel;
    });
  }

  /** A new quorum queue bound to nothing, which `arguments` may limit. */
  async queue(name: string, args: Record<string, unknown> = {}): Promise<string> {
    await this.channel.assertQueue(name, { durable: true, arguments: { 'x-queue-type': 'quorum', ...args } });
    return name;
  }

  /** The next message of a queue, acknowledged. */
  async take(queue: string, timeoutMs = 10_000): Promise<GetMessage> {
    return waitFor(() => this.channel.get(queue, { noAck: true }), {
      timeoutMs,
      describe: `a message in ${queue}`,
    });
  }

  /** Ready messages; those that a consumer holds are not counted. */
  async ready(queue: string): Promise<number> {
    return (await this.channel.checkQueue(queue)).messageCount;
  }

  async consumers(queue: string): Promise<number> {
    return (await this.channel.checkQueue(queue)).consumerCount;
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
    await this.model.close();
    await this.broker.drop();
  }
}
