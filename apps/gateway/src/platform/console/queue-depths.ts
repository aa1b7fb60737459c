import { queueDepthCap, type LedgerQueue } from '@roundhouse/ledger';
import type { BrokerQueue } from '@roundhouse/rabbitmq';
import { gauge } from '@roundhouse/telemetry';

/** What ledger and broker do not agree on. */
export type Mismatch = 'unanswered' | 'unconsumed' | 'copies';

export const mismatchTexts: Record<Mismatch, string> = {
  unanswered: 'the broker does not answer for it: ./roundhouse topology verify',
  unconsumed: 'nobody consumes it',
  copies: 'more at the broker than the ledger waits for: copies, which are dropped when claimed',
};

export interface QueueDepth extends LedgerQueue {
  /** Ready messages; null when the broker does not say. */
  atBroker: number | null;
  consumers: number | null;
  mismatch: Mismatch | null;
}

const everyMs = 5_000;

/** Every queue in the ledger and at the broker, of all tenants: read at most every five seconds, for all who ask. */
export class QueueDepths {
  private last: { at: number; depths: Promise<QueueDepth[]> } | undefined;
  /** Queues that seemed to have copies. */
  private suspected = new Set<string>();

  constructor(
    private readonly readLedger: () => Promise<LedgerQueue[]>,
    private readonly askBroker: () => Promise<BrokerQueue[]>,
  ) {}

  read(now = Date.now()): Promise<QueueDepth[]> {
    if (!this.last || now - this.last.at >= everyMs) {
      const depths = this.ask();
      depths.catch(() => (this.last = undefined));
      this.last = { at: now, depths };
    }
    return this.last.depths;
  }

  private async ask(): Promise<QueueDepth[]> {
    const ledger = await this.readLedger();
    const broker = await this.askBroker().catch(() => []); // it is away, and its columns say so
    const byName = new Map(broker.map((queue) => [queue.queue, queue]));
    const suspectedBefore = this.suspected;
    this.suspected = new Set();
    return ledger.map((depth) => {
      const { messages: atBroker = null, consumers = null } = byName.get(depth.queue) ?? {};
      return { ...depth, atBroker, consumers, mismatch: this.mismatch(depth, atBroker, consumers, suspectedBefore) };
    });
  }

  private mismatch(
    { queue, queued, in_outbox: inOutbox }: LedgerQueue,
    atBroker: number | null,
    consumers: number | null,
    suspectedBefore: ReadonlySet<string>,
  ): Mismatch | null {
    if (atBroker === null) return 'unanswered';
    if (consumers === 0 && queued > 0) return 'unconsumed';
    if (queued >= queueDepthCap || atBroker <= queued - inOutbox) return null;
    // The two are not asked at the same moment: jobs that came in between look like copies once, not twice.
    this.suspected.add(queue);
    return suspectedBefore.has(queue) ? 'copies' : null;
  }
}

/** For alerts: 1 for what a queue's ledger and broker do not agree on. */
export function observeMismatches(depths: QueueDepths): void {
  const reasons = Object.keys(mismatchTexts) as Mismatch[];
  gauge('queueMismatch', async () =>
    (await depths.read()).flatMap(({ queue, mismatch }) =>
      reasons.map((reason) => ({ value: Number(mismatch === reason), labels: { queue, reason } })),
    ),
  );
}
