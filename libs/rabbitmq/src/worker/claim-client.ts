import type { Channel, ConsumeMessage } from 'amqplib';
import {
  ClaimReply,
  ClaimRequest,
  HeartbeatReply,
  WorkerHeartbeat,
  type ClaimDecision,
  type RevokedAttempt,
} from '@roundhouse/contracts';
import { MicroBatch, type ClaimPort, type Delivery, type Log } from '@roundhouse/jobs';
import { inject, logLine } from '@roundhouse/telemetry';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerConnection, ManagedChannel } from '../connection/index.js';
import { contentType } from '../messages/index.js';
import { claimsKey, exchange } from '../topology/index.js';

const directReplyTo = 'amq.rabbitmq.reply-to';
const replyTimeoutMs = 5_000;
const retryDelaysMs = [100, 250, 500, 1_000, 2_000];

interface PendingClaim {
  delivery: Delivery;
  unsupported: boolean;
  /** The claim's own position in the trace. */
  traceparent: string;
}

interface Pending {
  resolve(body: Buffer): void;
  reject(error: Error): void;
}

/** The client was closed while a claim waited for its answer. */
export class ClaimAbandoned extends Error {
  override readonly name = 'ClaimAbandoned';
}

/** Asks the ledger over AMQP. Claims that are made at about the same time share one message. */
export class ClaimClient implements ClaimPort {
  private readonly pending = new Map<string, Pending>();
  private readonly batch: MicroBatch<PendingClaim, ClaimDecision>;
  private channel!: ManagedChannel<Channel>;
  private closed = false;

  private constructor(
    private readonly workerId: string,
    private readonly log: Log,
  ) {
    this.batch = new MicroBatch((claims) => this.claimAll(claims), { maxItems: 500, maxConcurrent: 2 });
  }

  static async open(connection: BrokerConnection, workerId: string, log: Log): Promise<ClaimClient> {
    const client = new ClaimClient(workerId, log);
    client.channel = await connection.openChannel((channel) => client.setUp(channel));
    client.channel.onLost(() => client.rejectAll(new Error('The channel was lost')));
    return client;
  }

  claim(delivery: Delivery, unsupported = false): Promise<ClaimDecision> {
    return this.batch.add({ delivery, unsupported, traceparent: inject() || delivery.traceparent });
  }

  /** Rejects when the ledger does not answer in time; the caller tries again at its next beat. */
  async heartbeat(heartbeat: WorkerHeartbeat): Promise<RevokedAttempt[]> {
    const reply = await this.request('heartbeat', Buffer.from(WorkerHeartbeat.encode(heartbeat).finish()));
    return HeartbeatReply.decode(reply).revoked;
  }

  /** Waits `patienceMs` for answers that are on their way: a grant that nobody hears of costs the job a takeover. */
  async close(patienceMs = 1_000): Promise<void> {
    await Promise.race([this.batch.drained(), delay(patienceMs, undefined, { ref: false })]);
    this.closed = true;
    this.rejectAll(new ClaimAbandoned('The worker is stopping'));
    await this.channel.close();
  }

  private async setUp(channel: Channel): Promise<void> {
    await channel.consume(directReplyTo, (message) => message && this.onReply(message), { noAck: true });
    channel.on('return', (message) => {
      this.settle(String(message.properties.correlationId), (p) => p.reject(new Error('No ledger queue is bound')));
    });
  }

  private onReply(message: ConsumeMessage): void {
    this.settle(String(message.properties.correlationId), (p) => p.resolve(message.content));
  }

  private settle(correlationId: string, how: (pending: Pending) => void): void {
    const pending = this.pending.get(correlationId);
    if (!pending) return; // the answer to a question that was asked again meanwhile
    this.pending.delete(correlationId);
    how(pending);
  }

  private rejectAll(error: Error): void {
    for (const id of [...this.pending.keys()]) this.settle(id, (p) => p.reject(error));
  }

  /** Claims until the ledger answers: waiting for it costs no attempt, and nobody else can run the deliveries either. */
  private async claimAll(claims: PendingClaim[]): Promise<ClaimDecision[]> {
    const body = Buffer.from(
      ClaimRequest.encode({
        workerId: this.workerId,
        claims: claims.map(({ delivery: { jobId, redelivered, dispatchedAt }, traceparent, unsupported }) => ({
          jobId,
          redelivered,
          traceparent,
          dispatchedAt,
          unsupported,
        })),
      }).finish(),
    );
    for (let tries = 0; ; tries += 1) {
      if (this.closed) throw new ClaimAbandoned('The worker is stopping');
      try {
        const { decisions } = ClaimReply.decode(await this.request('claim', body));
        if (decisions.length === claims.length) return decisions;
        throw new Error(`The ledger answered ${decisions.length} of ${claims.length} claims`);
      } catch (error) {
        if (error instanceof ClaimAbandoned) throw error;
        logLine(this.log, 'claim.unanswered', { error: String(error), claims: claims.length });
        await delay(retryDelaysMs[Math.min(tries, retryDelaysMs.length - 1)]);
      }
    }
  }

  private async request(type: string, body: Buffer): Promise<Buffer> {
    const channel = await this.channel.ready();
    const correlationId = randomUUID();
    return new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.settle(correlationId, (p) => p.reject(new Error(`No answer within ${replyTimeoutMs} ms`)));
      }, replyTimeoutMs);
      this.pending.set(correlationId, {
        resolve: (reply) => (clearTimeout(timer), resolve(reply)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      });
      try {
        channel.publish(exchange.ledger, claimsKey, body, {
          type,
          contentType,
          correlationId,
          replyTo: directReplyTo,
          mandatory: true,
        });
      } catch (error) {
        this.settle(correlationId, (p) => p.reject(error as Error));
      }
    });
  }
}
