import { JobEvents, type JobEvent } from '@roundhouse/contracts';
import { MicroBatch, type EventPort } from '@roundhouse/jobs';
import { randomUUID } from 'node:crypto';
import { contentType } from './delivery-codec.js';
import type { Publisher } from './publisher.js';
import { eventsKey, exchange } from './topology.js';

// Messages stay far below the broker's limit (16 MiB on 4.x) even when results are large.
const maxMessageBytes = 1024 * 1024;

/** Reports events to the ledger; those of about the same time share one message. Resolves with the broker's confirm. */
export class EventReporter implements EventPort {
  private readonly batch: MicroBatch<JobEvent, void>;

  constructor(
    private readonly publisher: Publisher,
    private readonly workerId: string,
  ) {
    this.batch = new MicroBatch((events) => this.send(events), { maxItems: 250, maxConcurrent: 8 });
  }

  report(event: JobEvent): Promise<void> {
    return this.batch.add(event);
  }

  /** Resolves when everything reported so far is confirmed. */
  drained(): Promise<void> {
    return this.batch.drained();
  }

  private async send(events: JobEvent[]): Promise<void[]> {
    await Promise.all(this.messages(events).map((body) => this.publish(body)));
    return events.map(() => undefined);
  }

  private messages(events: JobEvent[]): Buffer[] {
    const body = Buffer.from(JobEvents.encode({ workerId: this.workerId, events }).finish());
    if (body.length <= maxMessageBytes || events.length === 1) return [body];
    const middle = events.length >> 1;
    return [...this.messages(events.slice(0, middle)), ...this.messages(events.slice(middle))];
  }

  private publish(body: Buffer): Promise<void> {
    return this.publisher.publish({
      exchange: exchange.ledger,
      routingKey: eventsKey,
      body,
      messageId: randomUUID(),
      properties: { contentType, type: 'events' },
    });
  }
}
