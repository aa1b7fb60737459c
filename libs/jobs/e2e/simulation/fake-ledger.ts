import {
  isFinal,
  newJob,
  transition,
  type ClaimVerdict,
  type JobEffect,
  type JobInput,
  type JobRules,
  type JobState,
  type JobStatus,
} from '../../src/index.js';
import { describeInput, type World } from './world.js';

export interface ClaimAsked {
  jobId: string;
  workerId: string;
  redelivered: boolean;
}
export interface ClaimAnswer {
  verdict: ClaimVerdict | undefined;
  attempt: number;
}
export interface JobReport {
  jobId: string;
  input: JobInput;
}

/** From where a job may go. */
const moves: Record<JobState, readonly JobState[]> = {
  scheduled: ['queued', 'succeeded', 'dead', 'cancelled'],
  queued: ['running', 'blocked', 'succeeded', 'dead', 'cancelled'],
  running: ['queued', 'retrying', 'scheduled', 'blocked', 'succeeded', 'dead', 'cancelled'],
  retrying: ['queued', 'running', 'blocked', 'succeeded', 'dead', 'cancelled'],
  blocked: ['queued', 'succeeded', 'dead', 'cancelled'],
  succeeded: [],
  dead: [],
  cancelled: [],
};

/** Jobs of one transaction: inputs fold one after the other, as in the ledger's own batches; nothing shows before the commit. */
class Transaction {
  readonly jobs = new Map<string, JobStatus>();
  readonly effects: { jobId: string; effect: JobEffect }[] = [];

  constructor(
    private readonly ledger: FakeLedger,
    private readonly world: World,
  ) {}

  apply(jobId: string, input: JobInput): ClaimAnswer {
    const before = this.jobs.get(jobId) ?? this.ledger.jobs.get(jobId);
    if (!before) return this.world.violated(`job ${jobId} is not known`);
    const { clock, chance } = this.world;
    const { status, changed, effects, verdict } = transition(before, input, clock.now, this.ledger.rules, chance.next);
    this.check(jobId, before, status, input, verdict);
    for (const effect of effects) this.effects.push({ jobId, effect });
    if (changed) {
      this.world.note(`  ${jobId} ${describeInput(input)}: ${before.state} → ${status.state} #${status.attempt}`);
      this.jobs.set(jobId, status);
    }
    return { verdict, attempt: status.attempt };
  }

  private check(
    jobId: string,
    before: JobStatus,
    after: JobStatus,
    input: JobInput,
    verdict: ClaimVerdict | undefined,
  ) {
    const { clock, violated } = this.world;
    const what = `job ${jobId}, ${describeInput(input)}, ${before.state} → ${after.state}:`;
    if (isFinal(before.state) && after !== before) violated(`${what} a final state changed`);
    if (before.state !== after.state && !moves[before.state].includes(after.state)) violated(`${what} illegal move`);
    if (after.attempt !== before.attempt + (verdict === 'granted' ? 1 : 0))
      violated(`${what} attempt ${after.attempt}`);
    if (after.failures > this.ledger.rules.retry.maxAttempts) violated(`${what} ${after.failures} failures`);
    if (verdict === 'granted' && clock.now < before.runAt) violated(`${what} granted before its time`);
    const success = input.type === 'succeeded' && input.attempt >= 1 && input.attempt <= before.attempt;
    if (success && !isFinal(before.state) && after.state !== 'succeeded')
      violated(`${what} the first success did not win`);
    if (!isFinal(after.state) && after.state !== 'queued' && after.dueAt === undefined) violated(`${what} forgotten`);
  }
}

/** The ledger's side of the platform: decides by the real state machine, commits or not, and sends out what its outbox holds. */
export class FakeLedger {
  readonly jobs = new Map<string, JobStatus>();

  constructor(
    private readonly world: World,
    readonly rules: JobRules,
    private readonly dispatch: (jobId: string, delayMs: number) => void,
    private readonly stopAttempt: (jobId: string, attempt: number) => void,
  ) {}

  accept(jobId: string, delayMs: number): void {
    const { clock } = this.world;
    const { status, effects } = newJob(clock.now + delayMs, clock.now);
    this.jobs.set(jobId, status);
    this.watch(jobId, status);
    this.relay(effects.map((effect) => ({ jobId, effect })));
  }

  get allFinal(): boolean {
    return [...this.jobs.values()].every(({ state }) => isFinal(state));
  }

  /** Undefined: nobody answers, although it may be committed. */
  claims(asked: ClaimAsked[]): ClaimAnswer[] | undefined {
    const graceMs = this.world.chance.pick([1_000, 6_000]);
    return this.commit((tx) =>
      asked.map(({ jobId, workerId, redelivered }) => {
        // Somebody else's turn has come meanwhile.
        const yielded = this.world.chance.is(0.1) ? tx.apply(jobId, { type: 'yield' }) : undefined;
        return yielded?.verdict ? yielded : tx.apply(jobId, { type: 'claim', workerId, redelivered, graceMs });
      }),
    );
  }

  /** Attempts that must stop, or undefined when nobody answers. */
  heartbeat(running: { jobId: string; attempt: number }[]) {
    return this.commit((tx) =>
      running.flatMap(({ jobId, attempt }) => {
        tx.apply(jobId, { type: 'assert', attempt });
        const status = tx.jobs.get(jobId) ?? this.jobs.get(jobId)!;
        const current = status.state === 'running' && status.attempt === attempt;
        if (current && status.cancelRequestedAt === undefined) return [];
        return [
          { jobId, attempt, reason: current || status.state === 'cancelled' ? 'cancelled' : 'superseded' } as const,
        ];
      }),
    );
  }

  /** False: not applied for all its sender knows, so it comes again. */
  events(reports: JobReport[]): boolean {
    return this.commit((tx) => reports.map(({ jobId, input }) => tx.apply(jobId, input))) !== undefined;
  }

  input(jobId: string, input: JobInput): void {
    this.commit((tx) => tx.apply(jobId, input), { certain: true });
  }

  /** The timekeeper looks at the job when it is due, a little later, and again when that failed. */
  private watch(jobId: string, { dueAt }: JobStatus): void {
    if (dueAt === undefined) return;
    const { clock, chance } = this.world;
    clock.after(Math.max(0, dueAt - clock.now) + chance.between(0, 400), () => {
      const status = this.jobs.get(jobId)!;
      if (status.dueAt !== dueAt || dueAt > clock.now) return; // what it is due for now is watched as well
      if (this.commit((tx) => tx.apply(jobId, { type: 'tick' })) === undefined)
        this.watch(jobId, this.jobs.get(jobId)!);
    });
  }

  /** Sends again what is queued while the broker holds less than it should. */
  sweep(readyAtBroker: number): void {
    const queued = [...this.jobs].filter(([, { state }]) => state === 'queued');
    if (readyAtBroker >= queued.length) return;
    for (const [jobId] of queued) this.dispatch(jobId, 0);
  }

  private commit<T>(work: (tx: Transaction) => T, { certain = false } = {}): T | undefined {
    const tx = new Transaction(this, this.world);
    const answer = work(tx);
    const trouble = !certain && this.world.fails('rollback');
    if (trouble && this.world.chance.is(0.5)) {
      this.world.note('  rolled back');
      return undefined;
    }
    for (const [id, status] of tx.jobs) {
      const known = this.jobs.get(id)?.dueAt;
      this.jobs.set(id, status);
      if (status.dueAt !== known) this.watch(id, status);
    }
    this.relay(tx.effects);
    return trouble ? undefined : answer;
  }

  private relay(effects: { jobId: string; effect: JobEffect }[]): void {
    for (const { jobId, effect } of effects) {
      if (effect.type === 'stop_attempt') this.stopAttempt(jobId, effect.attempt);
      else this.world.send(() => this.publish(jobId, effect.delayMs), { reliable: true });
    }
  }

  /** As the relay does: what is over meanwhile is not sent. */
  private publish(jobId: string, delayMs: number): void {
    const state = this.jobs.get(jobId)?.state;
    if (state === 'queued' || state === 'retrying') this.dispatch(jobId, delayMs);
  }
}
