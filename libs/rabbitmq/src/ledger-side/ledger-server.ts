import type { Channel, ConsumeMessage } from 'amqplib';
import {
  ClaimReply,
  ClaimRequest,
  EventsMark,
  HeartbeatReply,
  JobEvents,
  WorkerHeartbeat,
  type ClaimDecision,
  type RevokedAttempt,
} from '@roundhouse/contracts';
import { MicroBatch, type Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { setTimeout as delay } from 'node:timers/promises';
import { abandonChannel, type BrokerConnection, type ManagedChannel } from '../connection/index.js';
import { contentType } from '../messages/index.js';
import { claimsQueue, eventsQueue } from '../topology/index.js';
import { markType } from './mark-sender.js';

/** What the ledger does with what workers send. Batches are whole messages; answers are in their order. */
export interface LedgerHandlers {
  claims(requests: ClaimRequest[]): Promise<ClaimDecision[][]>;
  heartbeat(heartbeat: WorkerHeartbeat): Promise<RevokedAttempt[]>;
  /** Applies all or throws. */
  events(messages: JobEvents[]): Promise<void>;
  /** Everything that was reported before this moment of the database's clock has been applied. */
  mark(at: Date): Promise<void>;
  /** An events message that can never be applied. It is acknowledged once this has resolved. */
  rejectedEvents(body: Buffer, reason: string): Promise<void>;
  /** Whether an error may go away by itself (database unreachable, deadlock). */
  isTransient(error: unknown): boolean;
}

/**
 * Where the broker says that the asker waits. Who asks chooses the address, and the default exchange leads to every queue there is: to any other, the answer
 * would be a message that the asker may not send.
 */
function directReply(replyTo: unknown): string {
  if (typeof replyTo === 'string' && replyTo.startsWith('amq.rabbitmq.reply-to.')) return replyTo;
  throw new Error(`The answer is to go to ${String(replyTo).slice(0, 200)}, and not to amq.rabbitmq.reply-to`);
}

const retryMs = 500;
const claimsPrefetch = 200;
const eventsPrefetch = 200;

/** Serves the claims and events queues on behalf of the ledger. Several gateways share the queues. */
export class LedgerServer {
  private readonly claimBatch: MicroBatch<ClaimRequest, ClaimDecision[]>;
  private readonly eventBatch: MicroBatch<JobEvents, void>;
  private readonly channels: ManagedChannel<Channel>[] = [];
  private readonly consumers = new Map<string, { channel: Channel; tag: string }>();
  private readonly inHand = new Set<Promise<void>>();
  private readonly eventsInHand = new Set<Promise<void>>();
  private stopping = false;

  private constructor(
    private readonly handlers: LedgerHandlers,
    private readonly log: Log,
  ) {
    this.claimBatch = new MicroBatch((requests) => this.decide(requests), { maxItems: 20, maxConcurrent: 2 });
    this.eventBatch = new MicroBatch((messages) => this.apply(messages), { maxItems: 20, maxConcurrent: 2 });
  }

  static async start(connection: BrokerConnection, handlers: LedgerHandlers, log: Log): Promise<LedgerServer> {
    const server = new LedgerServer(handlers, log);
    server.channels.push(
      await connection.openChannel((channel) =>
        server.consume(channel, claimsQueue, claimsPrefetch, (m) => server.onRequest(channel, m)),
      ),
      await connection.openChannel((channel) =>
        server.consume(channel, eventsQueue, eventsPrefetch, (m) => server.onReport(channel, m)),
      ),
    );
    return server;
  }

  /** Stops consuming and finishes what is in hand. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled([...this.consumers.values()].map(async ({ channel, tag }) => channel.cancel(tag)));
    await Promise.all(this.inHand);
    // Acknowledgements are buffered: closing a channel in order flushes them.
    for (const channel of this.channels) await channel.close();
  }

  private async consume(
    channel: Channel,
    queue: string,
    prefetch: number,
    onMessage: (message: ConsumeMessage) => Promise<void>,
  ): Promise<void> {
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (!message) return void abandonChannel(channel, this.log);
      const handled = onMessage(message);
      this.inHand.add(handled);
      void handled.finally(() => this.inHand.delete(handled));
    });
    this.consumers.set(queue, { channel, tag: consumerTag });
  }

  private async onRequest(channel: Channel, message: ConsumeMessage): Promise<void> {
    try {
      const { replyTo, correlationId } = message.properties;
      const address = directReply(replyTo);
      const reply = await this.answer(message);
      channel.publish('', address, reply, { correlationId: String(correlationId), contentType });
    } catch (error) {
      // No answer: the worker asks again.
      logLine(this.log, 'request.unanswered', { error: String(error) });
    }
    this.settle(channel, message);
  }

  private async answer({ content, properties }: ConsumeMessage): Promise<Buffer> {
    if (properties.type === 'heartbeat') {
      const revoked = await this.handlers.heartbeat(WorkerHeartbeat.decode(content));
      return Buffer.from(HeartbeatReply.encode({ revoked }).finish());
    }
    const decisions = await this.claimBatch.add(ClaimRequest.decode(content));
    return Buffer.from(ClaimReply.encode({ decisions }).finish());
  }

  private onReport(channel: Channel, message: ConsumeMessage): Promise<void> {
    const ahead = [...this.eventsInHand];
    if (message.properties.type === markType) return this.onMark(channel, message, ahead);
    const handled = this.onEvents(channel, message);
    this.eventsInHand.add(handled);
    return handled.finally(() => this.eventsInHand.delete(handled));
  }

  /** It counts when what was in front of it is applied; when that cannot be, another one is sent. */
  private async onMark(channel: Channel, message: ConsumeMessage, ahead: Promise<void>[]): Promise<void> {
    await Promise.all(ahead);
    if (this.stopping) return;
    const { at } = EventsMark.decode(message.content);
    try {
      if (at) await this.handlers.mark(at);
    } catch (error) {
      logLine(this.log, 'events.mark_not_applied', { error: String(error) });
    }
    this.settle(channel, message);
  }

  private async onEvents(channel: Channel, message: ConsumeMessage): Promise<void> {
    try {
      await this.eventBatch.add(JobEvents.decode(message.content));
    } catch (error) {
      if (!(await this.reject(message.content, error))) return; // not acknowledged: it comes again
    }
    this.settle(channel, message);
  }

  /** Keeps what can never be applied. False: this server stops before that was possible. */
  private async reject(body: Buffer, error: unknown): Promise<boolean> {
    if (this.stopping && this.handlers.isTransient(error)) return false;
    const reason = error instanceof Error ? error.message : String(error);
    logLine(this.log, 'events.rejected', { error: reason });
    for (;;) {
      try {
        await this.handlers.rejectedEvents(body, reason);
        return true;
      } catch (trouble) {
        if (this.stopping) return false;
        logLine(this.log, 'events.rejected_not_kept', { error: String(trouble) });
        await delay(retryMs);
      }
    }
  }

  /** A request that cannot be answered is singled out: the others of its batch are. */
  private async decide(requests: ClaimRequest[]): Promise<(ClaimDecision[] | Error)[]> {
    try {
      return await this.handlers.claims(requests);
    } catch (error) {
      if (requests.length === 1) return [error as Error];
      if (this.handlers.isTransient(error)) throw error;
      const answers: (ClaimDecision[] | Error)[] = [];
      for (const request of requests) answers.push(...(await this.decide([request])));
      return answers;
    }
  }

  private settle(channel: Channel, message: ConsumeMessage): void {
    try {
      channel.ack(message);
    } catch (error) {
      logLine(this.log, 'request.not_acknowledged', { error: String(error) }); // applying it twice changes nothing
    }
  }

  /** Holds the messages until they are applied; one that breaks its batch is singled out. */
  private async apply(messages: JobEvents[]): Promise<(void | Error)[]> {
    for (;;) {
      try {
        await this.handlers.events(messages);
        return messages.map(() => undefined);
      } catch (error) {
        if (!this.handlers.isTransient(error)) {
          if (messages.length === 1) return [error as Error];
          const results: (void | Error)[] = [];
          for (const message of messages) results.push(...(await this.apply([message])));
          return results;
        }
        if (this.stopping) throw error;
        logLine(this.log, 'events.not_applied', { error: String(error) });
        await delay(retryMs);
      }
    }
  }
}
