import {
  Acceptance,
  BatchCancellation,
  Batches,
  Cancellation,
  catalogueRules,
  Claims,
  type BrokerView,
  DispatchWindow,
  Flights,
  Heartbeats,
  foldFlights,
  forgetAttemptLogs,
  forgetExpiredKeys,
  forgetIdempotencyKeys,
  forgetRelayed,
  forgetRevokedSessions,
  forgetStatusLinks,
  forgetStatistics,
  forgetWorkers,
  type GrantTokens,
  isTransientDatabaseError,
  JobMeter,
  JobTiming,
  observeLedger,
  observeOutbox,
  Outcomes,
  Quarantine,
  Redrives,
  Reconciler,
  Reruns,
  Relay,
  recordMark,
  sayTrouble,
  Schedules,
  Workflows,
  type Dispatch,
  type ChangedJob,
  type RulesOf,
} from '@roundhouse/ledger';
import {
  BrokerConnection,
  consumeQuarantine,
  ControlBroadcaster,
  LedgerServer,
  LiveChannel,
  observeQueues,
  type BrokerQueue,
  Publisher,
  QueueDepth,
  type QuarantinedDelivery,
} from '@roundhouse/rabbitmq';
import type { Reach } from '@roundhouse/service';
import { logLine, newTraceparent, type Logger } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { LiveHub } from './live-hub.js';
import { publishDispatches } from './dispatch-messages.js';

export interface EngineOptions {
  dataSource: DataSource;
  amqpUrl: string;
  log: Logger;
  rules: Parameters<typeof catalogueRules>[0];
  /** Repeats an attempt while the broker is not there. */
  reach: Reach;
  /** How long lines of attempts are kept. */
  keepLogsMs: number;
  /** Come with grants, and are demanded of what workers report. */
  tokens: GrantTokens;
}

// How long a redelivered job's worker may take to report back before the job is given to another one …
const graceMs = 1_000;
// … and after the broker itself was away, when every worker has to reconnect first.
const graceAfterOutageMs = 15_000;
const outageMemoryMs = 30_000;
const housekeepingMs = 600_000;

/** The ledger at work: its parts, joined to the broker. */
export class LedgerEngine {
  readonly hub = new LiveHub();
  readonly acceptance: Acceptance;
  readonly cancellation: Cancellation;
  readonly timing: JobTiming;
  readonly schedules: Schedules;
  readonly batches: Batches;
  readonly batchCancellation: BatchCancellation;
  readonly workflows: Workflows;
  readonly redrives: Redrives;
  readonly reruns: Reruns;
  readonly broker: BrokerView = {
    trouble: () => this.publishing?.trouble() ?? this.consuming?.trouble(),
    look: async (queue) => this.depth?.look(queue),
  };
  private readonly reconciler: Reconciler;
  private readonly relay: Relay;
  private readonly meter: JobMeter;
  private readonly flights: Flights;
  private readonly rulesOf: RulesOf;
  private consuming: BrokerConnection | undefined;
  private publishing: BrokerConnection | undefined;
  private publisher: Publisher | undefined;
  private depth: QueueDepth | undefined;
  private askQueues: (() => Promise<BrokerQueue[]>) | undefined;
  private live: LiveChannel | undefined;
  private control: ControlBroadcaster | undefined;
  private server: LedgerServer | undefined;
  private housekeeping: NodeJS.Timeout | undefined;
  private outageSeen = false;
  private stopping = false;

  constructor(private readonly options: EngineOptions) {
    const { dataSource, log, rules } = options;
    const rulesOf = catalogueRules(rules);
    this.rulesOf = rulesOf;
    this.flights = new Flights(dataSource, log);
    this.meter = new JobMeter(dataSource, (err) => logLine(log, 'statistics.not_written', { err }));
    this.acceptance = new Acceptance(dataSource, rulesOf, () => this.relay.nudge());
    const onDispatch = () => this.relay.nudge();
    const cancelling = {
      onChanged: (jobs: Iterable<ChangedJob>) => this.announce(jobs),
      stop: (jobId: string, attempt: number) => this.control?.send({ $case: 'cancel', value: { jobId, attempt } }),
    };
    this.cancellation = new Cancellation(dataSource, rulesOf, cancelling);
    this.timing = new JobTiming(dataSource, rulesOf, { ...cancelling, onDispatch });
    this.schedules = new Schedules(dataSource, newTraceparent, { ...cancelling, rulesOf });
    this.reconciler = new Reconciler(dataSource, rulesOf, { ...cancelling, onDispatch, log });
    this.batches = new Batches(dataSource, rulesOf, onDispatch);
    this.workflows = new Workflows(dataSource, rulesOf, onDispatch);
    this.redrives = new Redrives(dataSource, rulesOf, { onChanged: cancelling.onChanged, onDispatch });
    this.reruns = new Reruns(dataSource, rulesOf, onDispatch);
    this.batchCancellation = new BatchCancellation(dataSource, rulesOf, { ...cancelling, onDispatch, log });
    this.relay = new Relay(dataSource, {
      publish: (dispatches) => this.publish(dispatches),
      canPublish: () => this.publishing?.connected === true,
      window: new DispatchWindow(this.flights, async (queue) => this.depth?.look(queue)),
      log,
    });
  }

  /** Throws when the broker is away or takes no messages, saying since when. */
  assertBroker(): void {
    const trouble = this.broker.trouble();
    if (trouble) throw new Error(sayTrouble(trouble));
  }

  /**
   * Connects to the broker; waits for it when it is not there. Afterwards it may go away any time: jobs are accepted all
   * the same.
   */
  async start(): Promise<void> {
    const { amqpUrl: url, dataSource, log, reach } = this.options;
    const open = (purpose: string) =>
      reach('broker', () => BrokerConnection.open({ url, name: `gateway ${process.pid} ${purpose}`, log }));
    this.publishing = await open('publish');
    this.consuming = await open('consume');
    this.publishing.on('connect', () => this.relay.nudge());
    this.consuming.on('disconnect', () => (this.outageSeen = true));
    this.consuming.on('connect', () => this.hub.onLoss());
    this.publisher = await Publisher.open(this.publishing);
    this.depth = await QueueDepth.open(this.consuming);
    this.control = new ControlBroadcaster(await this.publishing.openChannel(() => undefined));
    this.live = await LiveChannel.open(this.consuming, (nudge) => this.hub.onNudge(nudge));
    this.server = await LedgerServer.start(this.consuming, this.handlers(), log);
    const quarantine = new Quarantine(dataSource, this.rulesOf, (jobs) => this.announce(jobs));
    const record = (delivery: QuarantinedDelivery) => quarantine.record(delivery);
    const genuine = quarantine.genuine.bind(quarantine);
    await consumeQuarantine(this.consuming, { record, genuine, publisher: this.publisher, log });
    this.relay.start();
    this.meter.start();
    this.flights.start();
    this.batchCancellation.start();
    observeOutbox(dataSource);
    observeLedger(dataSource);
    this.askQueues = await observeQueues(this.consuming);
    this.housekeeping = setInterval(() => void this.keepHouse(), housekeepingMs);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.housekeeping);
    await this.acceptance.drained();
    await this.batchCancellation.stop();
    await this.server?.stop();
    await this.relay.stop();
    await this.publisher?.close();
    await this.meter.stop();
    await this.flights.stop();
    await Promise.all([this.consuming?.close(), this.publishing?.close()]);
  }

  /**
   * Sends out what waits for this, or for anything that begins so, without waiting for the scheduler to see that it may run.
   * In the background: a million jobs may have waited.
   */
  wake(beginning: string): void {
    const { log } = this.options;
    this.reconciler
      .wakeAll(beginning)
      .catch((error: unknown) => logLine(log, 'reconcile.left_to_scheduler', { error: String(error) }));
  }

  /** What the broker says of its queues. */
  async brokerQueues(): Promise<BrokerQueue[]> {
    return (await this.askQueues?.()) ?? [];
  }

  /** Tells every gateway's viewers, those of batches as well. */
  private announce(changed: Iterable<ChangedJob>): void {
    const jobs = [...changed];
    this.meter.record(jobs);
    this.flights.record(jobs);
    const ids = new Set(jobs.flatMap(({ id, batchId }) => (batchId ? [id, batchId] : [id])));
    if (ids.size > 0) this.live?.nudge({ jobIds: [...ids], tenantIds: [] });
  }

  private handlers() {
    const { dataSource, tokens } = this.options;
    const announce = (jobs: Iterable<ChangedJob>) => this.announce(jobs);
    const onDispatch = () => this.relay.nudge();
    const claims = new Claims(dataSource, this.rulesOf, {
      graceMs: () => this.grace(),
      onChanged: announce,
      onDispatch,
      flights: this.flights,
      tokens,
    });
    const heartbeats = new Heartbeats(dataSource, this.rulesOf, tokens);
    const outcomes = new Outcomes(dataSource, this.rulesOf, {
      onChanged: announce,
      onDomainEvents: (tenantIds) => this.live?.nudge({ jobIds: [], tenantIds: [...tenantIds] }),
      onDispatch,
      tokens,
      onLinesLost: (err) => logLine(this.options.log, 'events.lines_lost', { err }),
    });
    const quarantine = new Quarantine(dataSource, this.rulesOf, announce);
    return {
      claims: claims.answer.bind(claims),
      heartbeat: heartbeats.hear.bind(heartbeats),
      events: outcomes.apply.bind(outcomes),
      mark: (at: Date) => recordMark(dataSource, at),
      isTransient: isTransientDatabaseError,
      rejectedEvents: (body: Buffer, reason: string) =>
        quarantine.record({
          jobId: undefined,
          tenantId: undefined,
          kind: 'platform.events',
          queue: 'ledger.events',
          reason,
          body,
        }),
    };
  }

  private grace(): number {
    const recent = this.outageSeen && (this.consuming?.connectedForMs ?? 0) < outageMemoryMs;
    return recent ? graceAfterOutageMs : graceMs;
  }

  private async publish(dispatches: Dispatch[]): Promise<void> {
    if (!this.publisher || this.stopping) throw new Error('The gateway is stopping');
    await publishDispatches(this.publisher, dispatches);
  }

  private async keepHouse(): Promise<void> {
    try {
      await forgetIdempotencyKeys(this.options.dataSource);
      await forgetExpiredKeys(this.options.dataSource);
      await forgetRelayed(this.options.dataSource);
      await foldFlights(this.options.dataSource);
      await forgetStatusLinks(this.options.dataSource);
      await forgetWorkers(this.options.dataSource);
      await forgetRevokedSessions(this.options.dataSource);
      await forgetStatistics(this.options.dataSource);
      await forgetAttemptLogs(this.options.dataSource, this.options.keepLogsMs);
    } catch (error) {
      logLine(this.options.log, 'housekeeping.failed', { err: error });
    }
  }
}
