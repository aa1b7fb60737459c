import type { ConsumeMessage } from 'amqplib';
import { decodeDeliveries } from '../messages/index.js';

interface Held {
  message: ConsumeMessage;
  since: number;
  /** Jobs of it that wait no more. */
  begun: number;
}

/** Messages that wait for a slot, so that the ledger does not take them for lost. */
export class HeldDeliveries {
  private readonly held = new Set<Held>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Answers how to say that one more of its jobs has begun, and that none of them waits any longer. */
  add(message: ConsumeMessage): { began(): void; end(): void } {
    const held = { message, since: this.now(), begun: 0 };
    this.held.add(held);
    return { began: () => (held.begun += 1), end: () => this.held.delete(held) };
  }

  longerThan(ms: number): string[] {
    const until = this.now() - ms;
    return [...this.held].filter(({ since }) => since <= until).flatMap(jobsLeft);
  }
}

/** Decoded only here: thousands may wait for some milliseconds, few for seconds. */
function jobsLeft({ message, begun }: Held): string[] {
  try {
    return decodeDeliveries(message, '')
      .slice(begun)
      .map(({ jobId }) => jobId);
  } catch {
    return []; // goes to quarantine when its turn comes
  }
}
