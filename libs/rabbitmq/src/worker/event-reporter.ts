import { JobEvents, type JobEvent } from '@roundhouse/contracts';
import { MicroBatch, type EventPort, type Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { contentType } from '../messages/index.js';
import { maxMessageBytes, MessageTooLargeError, type Publisher, UnroutableError } from '../connection/index.js';
import { eventsKey, exchange } from '../topology/index.js';

// Messages stay far below the broker's limit (16 MiB on 4.x) even when results are large.
const preferredBytes = 1024 * 1024;
const unroutableRetryMs = 1_000;

/** Reports events to the ledger; those of about the same time share one message. Resolves with the broker's confirm. */
export class EventReporter implements EventPort {
  private readonly batch: MicroBatch<JobEvent, void>;

  constructor(
    private readonly publisher: Publisher,
    private readonly workerId: string,
    private readonly log: Log,
  ) {
    this.batch = new MicroBatch((events) => this.send(events), { maxItems: 500, maxConcurrent: 8 });
  }

  report(event: JobEvent): Promise<void> {
    return this.batch.add(event);
  }

  /** Resolves when everything reported so far is confirmed. */
  drained(): Promise<void> {
    return this.batch.drained();
  }

  private async send(events: JobEvent[]): Promise<(void | Error)[]> {
    let bodies: Buffer[];
    try {
      bodies = this.messages(events);
    } catch (error) {
      if (events.length === 1) return [error as Error];
      // One that cannot be written must not take the outcomes of other jobs with it.
      return (await Promise.all(events.map((event) => this.send([event])))).flat();
    }
    await Promise.all(bodies.map((body) => this.publish(body)));
    return events.map(() => undefined);
  }

  private messages(events: JobEvent[]): Buffer[] {
    const body = Buffer.from(JobEvents.encode({ workerId: this.workerId, events }).finish());
    if (body.length <= preferredBytes) return [body];
    if (events.length === 1 && body.length <= maxMessageBytes) return [body];
    if (events.length === 1)
      throw new MessageTooLargeError(`An event of job ${events[0]?.jobId} has ${body.length} bytes`);
    const middle = events.length >> 1;
    return [...this.messages(events.slice(0, middle)), ...this.messages(events.slice(middle))];
  }

  private async publish(body: Buffer): Promise<void> {
    const messageId = randomUUID();
    const properties = { contentType, type: 'events' };
    for (;;) {
      try {
        return await this.publisher.publish({
          exchange: exchange.ledger,
          routingKey: eventsKey,
          body,
          messageId,
          properties,
        });
      } catch (error) {
        if (!(error instanceof UnroutableError)) throw error;
        // The broker has lost its topology. An outcome is not given up for that: the job would have to run again.
        logLine(this.log, 'events.not_reported', { error: error.message });
        await delay(unroutableRetryMs);
      }
    }
  }
}
