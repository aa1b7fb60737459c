import type { FailureFacts, JobInput } from '../../src/index.js';
import type { Consumer, FakeBroker, Message } from './fake-broker.js';
import type { ClaimAnswer, FakeLedger, JobReport } from './fake-ledger.js';
import type { World } from './world.js';

interface InHand {
  settlements: ((how: 'ack' | 'requeue') => void)[];
  attempt?: number;
  interruption?: 'cancelled' | 'superseded' | 'shutdown';
}

export interface Effects {
  /** The inbox and the effect, committed together: false when it was done before. */
  once(jobId: string): boolean;
}

const heartbeatMs = 8_000;
const replyTimeoutMs = 5_000;

/** A worker process: claims, runs, reports, beats. It dies, freezes, loses its connection and comes back. */
export class FakeWorker implements Consumer {
  private incarnation = 0;
  private connection: number | undefined;
  private frozenUntil = 0;
  private stopping = false;
  private readonly inHand = new Map<string, InHand>();

  constructor(
    readonly name: string,
    private readonly world: World,
    private readonly broker: FakeBroker,
    private readonly ledger: FakeLedger,
    private readonly effects: Effects,
  ) {
    this.start();
  }

  capacity(): number {
    return 3;
  }

  receive(message: Message, connection: number): void {
    this.alive(() => {
      if (connection !== this.connection) return;
      const settle = (how: 'ack' | 'requeue') => this.broker.settle(connection, message, how);
      if (this.stopping) return settle('requeue');
      const first = this.inHand.get(message.jobId);
      if (first) return void first.settlements.push(settle);
      this.inHand.set(message.jobId, { settlements: [settle] });
      this.claim(message);
    });
  }

  /** A broadcast; it may be lost. */
  stopAttempt(jobId: string, attempt: number): void {
    this.world.send(() => this.alive(() => this.interrupt(jobId, attempt, 'cancelled')));
  }

  crash(): void {
    this.world.note(`${this.workerId} dies`);
    const { connection } = this;
    this.incarnation += 1;
    this.inHand.clear();
    this.connection = undefined;
    this.frozenUntil = 0;
    // Its socket is closed by the operating system, or nobody tells and heartbeats run out.
    const noticed = this.world.chance.is(0.7) ? 50 : this.world.chance.between(10_000, 20_000);
    this.world.clock.after(noticed, () => connection !== undefined && this.broker.disconnect(connection));
    const { incarnation } = this;
    this.world.clock.after(
      this.world.chance.between(500, 10_000),
      () => incarnation === this.incarnation && this.start(),
    );
  }

  freeze(): void {
    const ms = this.world.chance.between(1_000, 90_000);
    this.world.note(`${this.workerId} is frozen for ${ms} ms`);
    this.frozenUntil = this.world.clock.now + ms;
    const { connection } = this;
    if (ms > 20_000)
      this.world.clock.after(20_000, () => connection !== undefined && this.broker.disconnect(connection));
  }

  disconnect(): void {
    const { connection, world } = this;
    if (connection === undefined) return;
    world.note(`${this.workerId} loses its connection`);
    this.connection = undefined;
    world.clock.after(world.chance.is(0.7) ? world.chance.between(0, 100) : world.chance.between(0, 20_000), () =>
      this.broker.disconnect(connection),
    );
    this.later(world.chance.between(100, 6_000), () => this.reconnect());
  }

  /** Stops in order: what runs is handed back, then the process is replaced. */
  shutDown(): void {
    this.world.note(`${this.workerId} stops`);
    this.stopping = true;
    for (const job of this.inHand.values()) job.interruption ??= 'shutdown';
    this.later(5_000, () => this.crash());
  }

  private get workerId(): string {
    return `${this.name}.${this.incarnation}`;
  }

  private start(): void {
    this.stopping = false;
    this.reconnect();
    this.beatFromNowOn();
  }

  private reconnect(): void {
    if (this.connection !== undefined && this.broker.isConnected(this.connection)) return;
    this.connection = this.broker.connect(this);
    this.beat();
  }

  private beatFromNowOn(): void {
    this.later(heartbeatMs, () => {
      // A frozen process learns only now that the broker has given it up.
      if (this.connection !== undefined && !this.broker.isConnected(this.connection)) this.disconnect();
      this.beat();
      this.beatFromNowOn();
    });
  }

  private beat(): void {
    const running = [...this.inHand].flatMap(([jobId, { attempt }]) =>
      attempt === undefined ? [] : [{ jobId, attempt }],
    );
    this.send(() => {
      const revoked = this.ledger.heartbeat(running) ?? [];
      for (const { jobId, attempt, reason } of revoked) {
        this.world.send(() => this.alive(() => this.interrupt(jobId, attempt, reason)));
      }
    });
  }

  private interrupt(jobId: string, attempt: number, reason: 'cancelled' | 'superseded'): void {
    const job = this.inHand.get(jobId);
    if (job?.attempt === attempt) job.interruption ??= reason;
  }

  private claim(message: Message): void {
    const { jobId, redelivered } = message;
    const { workerId } = this;
    let answered = false;
    this.send(() => {
      const [answer] = this.ledger.claims([{ jobId, workerId, redelivered }]) ?? [];
      if (!answer) return;
      this.world.send(() =>
        this.alive(() => {
          if (answered || workerId !== this.workerId) return;
          answered = true;
          this.onAnswer(jobId, answer);
        }),
      );
    });
    this.later(replyTimeoutMs, () => {
      if (answered) return;
      answered = true; // an answer that comes now is ignored: it is asked again
      if (this.stopping) this.settle(jobId, 'requeue');
      else this.claim(message);
    });
  }

  private onAnswer(jobId: string, { verdict, attempt }: ClaimAnswer): void {
    const job = this.inHand.get(jobId);
    if (!job) return;
    if (verdict !== 'granted') return this.settle(jobId, 'ack');
    job.attempt = attempt;
    if (this.stopping) job.interruption ??= 'shutdown';
    this.run(jobId, job, this.world.chance.between(1, 40));
  }

  /** The handler: a second at a time, with its effect somewhere on the way. */
  private run(jobId: string, job: InHand, seconds: number): void {
    const attempt = job.attempt!;
    if (job.interruption === 'superseded') return this.settle(jobId, 'ack');
    if (job.interruption === 'cancelled') return this.report(jobId, { type: 'aborted', attempt });
    if (job.interruption === 'shutdown') return this.report(jobId, { type: 'released', attempt });
    if (seconds > 0) return this.later(1_000, () => this.run(jobId, job, seconds - 1));
    const outcome = this.outcome(attempt);
    if (outcome.type === 'succeeded') this.effects.once(jobId);
    this.later(this.world.chance.between(0, 100), () => this.report(jobId, outcome));
  }

  private outcome(attempt: number): JobInput {
    const { chance } = this.world;
    const failure: FailureFacts = { code: 'UNAVAILABLE', retryable: chance.is(0.9), retryAfterMs: undefined };
    if (chance.is(0.6)) return { type: 'succeeded', attempt };
    if (chance.is(0.8)) return { type: 'failed', attempt, failure };
    const delayMs = chance.between(1_000, 120_000);
    return chance.pick<JobInput>([
      { type: 'snoozed', attempt, delayMs },
      { type: 'throttled', attempt, delayMs, bucket: 'b' },
      { type: 'discarded', attempt },
    ]);
  }

  /** Until the broker has confirmed it; then the delivery is acknowledged. The broker hands it to the ledger at least once. */
  private report(jobId: string, input: JobInput): void {
    if (!this.world.fails('lose')) {
      this.apply({ jobId, input });
      return this.later(10, () => this.settle(jobId, 'ack'));
    }
    this.later(this.world.chance.between(100, 10_000), () => this.report(jobId, input));
  }

  private apply(report: JobReport): void {
    this.world.send(
      () => {
        if (!this.ledger.events([report])) this.apply(report);
      },
      { reliable: true, slowestMs: 2_000 },
    );
  }

  private settle(jobId: string, how: 'ack' | 'requeue'): void {
    const job = this.inHand.get(jobId);
    this.inHand.delete(jobId);
    for (const settle of job?.settlements ?? []) settle(how);
  }

  /** Sends to the ledger while there is a connection. */
  private send(arrive: () => void): void {
    if (this.connection !== undefined) this.world.send(arrive);
  }

  /** Nothing that a process had planned happens after its death. */
  private later(ms: number, run: () => void): void {
    const { incarnation } = this;
    this.world.clock.after(ms, () => incarnation === this.incarnation && this.alive(run));
  }

  private alive(run: () => void): void {
    const { clock } = this.world;
    const { incarnation } = this;
    if (clock.now >= this.frozenUntil) return run();
    clock.after(this.frozenUntil - clock.now, () => incarnation === this.incarnation && this.alive(run));
  }
}
