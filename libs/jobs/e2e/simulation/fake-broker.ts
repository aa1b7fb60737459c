import { longestBrokerWaitMs, waitLevelMs } from '../../src/index.js';
import type { World } from './world.js';

export interface Message {
  jobId: string;
  redelivered: boolean;
  returns: number;
}

export interface Consumer {
  readonly name: string;
  capacity(): number;
  receive(message: Message, connection: number): void;
}

const deliveryLimit = 20;

/** One job queue with its wait queues. It delivers at least once, in no certain order, and forgets when it is wiped. */
export class FakeBroker {
  private ready: Message[] = [];
  private epoch = 0;
  private connections = 0;
  private readonly consumers = new Map<number, { consumer: Consumer; held: Set<Message> }>();

  constructor(
    private readonly world: World,
    private readonly quarantine: (jobId: string) => void,
  ) {}

  get readyCount(): number {
    return this.ready.length;
  }

  publish(jobId: string, delayMs: number): void {
    const message = { jobId, redelivered: false, returns: 0 };
    if (delayMs <= 0) return this.enqueue(message);
    const { epoch } = this;
    const level = waitLevelMs(Math.min(delayMs, longestBrokerWaitMs));
    this.world.clock.after(level, () => epoch === this.epoch && this.enqueue(message));
  }

  connect(consumer: Consumer): number {
    const connection = (this.connections += 1);
    this.consumers.set(connection, { consumer, held: new Set() });
    this.deliver();
    return connection;
  }

  /** The broker notices that a connection is gone: what it held goes to others, marked. */
  disconnect(connection: number): void {
    const held = this.consumers.get(connection)?.held ?? [];
    this.consumers.delete(connection);
    for (const message of held) this.giveBack(message);
  }

  /** What was delivered through a connection that is gone cannot be settled any more. */
  settle(connection: number, message: Message, how: 'ack' | 'requeue'): void {
    if (!this.consumers.get(connection)?.held.delete(message)) return;
    if (how === 'requeue') this.giveBack(message);
    this.deliver();
  }

  isConnected(connection: number): boolean {
    return this.consumers.has(connection);
  }

  wipe(): void {
    this.world.note('the broker loses everything');
    this.epoch += 1;
    this.ready = [];
    this.consumers.clear();
  }

  private giveBack(message: Message): void {
    const again = { ...message, redelivered: true, returns: message.returns + 1 };
    if (again.returns > deliveryLimit) this.world.send(() => this.quarantine(message.jobId), { reliable: true });
    else this.enqueue(again);
  }

  private enqueue(message: Message): void {
    if (this.world.fails('lose')) return;
    this.ready.push(message);
    this.deliver();
  }

  private deliver(): void {
    const { chance } = this.world;
    while (this.ready.length > 0) {
      const free = [...this.consumers].filter(([, { consumer, held }]) => held.size < consumer.capacity());
      if (free.length === 0) return;
      const [connection, { consumer, held }] = chance.pick(free);
      const [message] = this.ready.splice(chance.is(0.8) ? 0 : chance.between(0, this.ready.length - 1), 1);
      held.add(message!);
      this.world.clock.after(chance.between(0, 50), () => consumer.receive(message!, connection));
    }
  }
}
