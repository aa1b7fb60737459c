import { catalogue, ControlMessage, RevokedAttempt_Reason, type RevokedAttempt } from '@roundhouse/contracts';
import {
  executeDelivery,
  RunningAttempts,
  Solitude,
  WeightedSlots,
  type Delivery,
  type ExecutionPorts,
  type Handler,
  type Log,
  type Settlement,
  type TransactionPort,
} from '@roundhouse/jobs';
import {
  gauge,
  jobAttributes,
  messageAttributes,
  redactFields,
  redactText,
  spanNames,
  tracingEnabled,
  withSpan,
} from '@roundhouse/telemetry';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { BrokerConnection, Publisher } from '../connection/index.js';
import { ClaimClient } from './claim-client.js';
import { listenToControl } from './control-listener.js';
import { EventReporter } from './event-reporter.js';
import { executionTelemetry } from './execution-telemetry.js';
import { Heartbeat } from './heartbeat.js';
import { JobConsumer } from './job-consumer.js';
import { jobQueue, verifyPresence } from '../topology/index.js';

export interface WorkerOptions {
  amqpUrl: string;
  service: string;
  version: string;
  /** Jobs that run at once, shared among the queues by weight; also the deliveries held per queue. @default 20 */
  prefetch?: number;
  /** After this long an attempt that works in steps hands itself back at its next cursor. @default 300000 */
  timeSliceMs?: number;
  /** Jobs with a longer timeout are acknowledged when granted. @default 900000, half the broker's default patience */
  ackEarlyAboveMs?: number;
  /** @default 8000, well inside the lease of 30 s */
  heartbeatMs?: number;
  /** How long running attempts may finish at shutdown before they are handed back. @default 20000 */
  finishMs?: number;
  transactions?: TransactionPort;
  log: Log;
  /** The log of one attempt. @default `log` */
  attemptLog?(delivery: Delivery, attempt: number): Log;
  onLogLevel?(level: string): void;
}

const interruptGraceMs = 3_000;
/** Well before the ledger misses a delivery; most are claimed sooner and never named. */
const namedWhenHeldForMs = 5_000;
const logRedaction = {
  fields: (fields: object) => redactFields(fields as Record<string, unknown>),
  text: redactText,
};

/** A worker's whole relation with the broker: consumes, claims, reports, beats, obeys, and leaves in order. */
export class WorkerSession {
  readonly workerId: string;
  private readonly running = new RunningAttempts();
  private readonly solitude = new Solitude();
  private consumers: JobConsumer[] = [];
  private stopping = false;
  private heartbeat: Heartbeat | undefined;
  private forgetSlots: () => void = () => undefined;
  private readonly ports: ExecutionPorts;

  private constructor(
    private readonly options: WorkerOptions,
    private readonly handlers: ReadonlyMap<string, Handler>,
    private readonly queues: readonly string[],
    private readonly consuming: BrokerConnection,
    private readonly publishing: BrokerConnection,
    private readonly parts: { claims: ClaimClient; events: EventReporter; publisher: Publisher },
    workerId: string,
  ) {
    this.workerId = workerId;
    const { transactions, attemptLog, log } = options;
    const { claims, events } = parts;
    this.ports = {
      claims,
      events,
      observer: executionTelemetry,
      transactions,
      log: attemptLog ?? (() => log),
      logRedaction,
      interruptGraceMs,
      timeSliceMs: options.timeSliceMs ?? 300_000,
      solitude: this.solitude,
    };
  }

  /** Verifies the topology and starts to consume the queues. */
  static async start(
    options: WorkerOptions,
    handlers: ReadonlyMap<string, Handler>,
    queues: readonly string[],
  ): Promise<WorkerSession> {
    const { amqpUrl: url, service, log } = options;
    const workerId = `${service}-${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
    // An alarm at the broker blocks publishing connections: consuming must not stand on one.
    const consuming = await BrokerConnection.open({ url, name: `${workerId} consume`, log });
    let publishing: BrokerConnection | undefined;
    let session: WorkerSession | undefined;
    try {
      await verifyPresence(consuming, queues.map(jobQueue));
      publishing = await BrokerConnection.open({ url, name: `${workerId} publish`, log });
      const publisher = await Publisher.open(publishing);
      const claims = await ClaimClient.open(publishing, workerId, log);
      const parts = { claims, events: new EventReporter(publisher, workerId, log), publisher };
      session = new WorkerSession(options, handlers, queues, consuming, publishing, parts, workerId);
      await session.begin();
      return session;
    } catch (error) {
      session?.heartbeat?.stop();
      await Promise.all([consuming.close(), publishing?.close()]);
      throw error;
    }
  }

  get ready(): boolean {
    return !this.stopping && this.publishing.connected && this.consumers.every((c) => c.consuming);
  }

  /**
   * Takes nothing new, lets running jobs finish for `finishMs`, hands the rest back without costing them an attempt, and
   * closes when everything is reported.
   */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    await Promise.allSettled(this.consumers.map((c) => c.stop()));
    await this.running.shutDown(this.options.finishMs ?? 20_000);
    // What is still granted comes back as running and is handed back at once; what is not answered goes back to its queue.
    this.forgetSlots();
    await this.parts.claims.close();
    this.heartbeat?.stop();
    await Promise.allSettled(this.consumers.map((c) => c.close()));
    await this.parts.events.drained();
    await this.parts.publisher.close();
    await Promise.all([this.consuming.close(), this.publishing.close()]);
  }

  private async begin(): Promise<void> {
    const { log, prefetch = 20, heartbeatMs: intervalMs = 8_000 } = this.options;
    this.heartbeat = new Heartbeat({
      intervalMs,
      describe: () => this.describe(),
      send: (beat) => this.parts.claims.heartbeat(beat),
      onRevoked: (revoked) => this.onRevoked(revoked),
      log,
    });
    for (const connection of [this.publishing, this.consuming])
      connection.on('connect', () => void this.heartbeat?.beat());
    await listenToControl(this.consuming, (command) => this.onCommand(command), log);
    const { publisher } = this.parts;
    const classes = this.queues.map((queue) => catalogue.queueClass(queue));
    const slots = new WeightedSlots(prefetch, classes);
    this.forgetSlots = gauge('workerSlots', () => [
      { value: slots.running, labels: { type: 'used' } },
      { value: prefetch, labels: { type: 'total' } },
    ]);
    for (const { queue, processLimit = prefetch } of classes) {
      const atOnce = Math.min(prefetch, processLimit);
      const consumer = await JobConsumer.start(this.consuming, {
        queue,
        // As many again wait their turn: a queue whose deliveries all run has none to offer when a slot gets free, and its
        // share would go to the others.
        prefetch: 2 * atOnce,
        slots: atOnce,
        execute: (delivery) => this.execute(delivery),
        acquire: () => this.acquire(slots, queue),
        ackEarlyAboveMs: this.options.ackEarlyAboveMs ?? 900_000,
        publisher,
        log,
      });
      this.consumers.push(consumer);
    }
  }

  /** Nothing is claimed while a job is alone or waits to be: it would only wait. */
  private async acquire(slots: WeightedSlots, queue: string): Promise<() => void> {
    for (;;) {
      const release = await slots.acquire(queue);
      if (this.solitude.open) return release;
      release();
      await this.solitude.opened();
    }
  }

  private execute(delivery: Delivery): Promise<Settlement> {
    const { jobId, tenantId: tenant, kind, queue, traceparent } = delivery;
    const run = () => executeDelivery(delivery, this.handlers.get(kind), this.ports, this.running);
    if (!tracingEnabled()) return run();
    const attributes = {
      ...messageAttributes('process', jobQueue(queue), jobId),
      ...jobAttributes({ jobId, tenant, kind, queue }),
    };
    return withSpan(spanNames.jobDeliver(queue), { kind: 'consumer', parent: traceparent, attributes }, run);
  }

  private describe() {
    const { service, version } = this.options;
    const { workerId, queues, stopping } = this;
    const running = this.running.list();
    const heldJobIds = this.consumers.flatMap((consumer) => consumer.heldFor(namedWhenHeldForMs));
    const facts = { workerId, service, version, host: hostname(), pid: process.pid, queues: [...queues] };
    return { ...facts, running, stopping, heldJobIds };
  }

  private onRevoked({ jobId, attempt, reason }: RevokedAttempt): void {
    this.running.interrupt(jobId, attempt, reason === RevokedAttempt_Reason.CANCELLED ? 'cancelled' : 'superseded');
  }

  private onCommand(command: NonNullable<ControlMessage['command']>): void {
    if (command.$case === 'cancel') {
      this.running.interrupt(command.value.jobId, command.value.attempt, 'cancelled');
    } else if (command.value.service === '' || command.value.service === this.options.service) {
      this.options.onLogLevel?.(command.value.level);
    }
  }
}
