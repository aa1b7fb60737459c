import { defaultRetryPolicy } from '@roundhouse/contracts';
import { defaultJobRules, isFinal, newJob, transition, type JobInput, type JobStatus } from '@roundhouse/jobs';
import type { HistoryFact, JobFacts } from '../src/explaining/job-facts.js';
import type { TimeCause } from '../src/explaining/time-account.js';

const iso = (ms: number) => new Date(ms).toISOString();
const rules = { ...defaultJobRules, retry: { ...defaultRetryPolicy, maxAttempts: 4 }, errorRules: [] };

/** A life of a job through the real state machine, noted as the ledger does, and what its time really went to. */
export class RandomLife {
  readonly start = Date.UTC(2026, 0, 1);
  now = this.start;
  status: JobStatus;
  readonly history: HistoryFact[] = [];
  readonly truth: Partial<Record<TimeCause, number>> = {};
  readonly createdAt: number;
  relayedAt: number | undefined;
  inOutbox = false;
  constructor(
    private readonly next: () => number,
    private readonly skewMs: number,
  ) {
    this.pass('accept', 20);
    this.createdAt = this.now;
    const first = this.one(3);
    this.status = newJob(first === 1 ? this.now + 1 + this.one(60_000) : this.now, this.now).status;
    if (first === 2) this.status = { ...this.status, state: 'blocked', blockedOn: 'dependency' };
    if (first > 0) this.note(first === 1 ? { run_at: iso(this.status.runAt) } : { on: 'dependency' });
  }

  /** 0 … below n */
  one(n: number): number {
    return Math.floor(this.next() * n);
  }

  pass(cause: TimeCause, upTo: number): void {
    this.spend(cause, this.one(upTo));
  }

  spend(cause: TimeCause, ms: number): void {
    this.now += ms;
    this.truth[cause] = (this.truth[cause] ?? 0) + ms;
  }

  apply(input: JobInput, detail: object = {}): void {
    const outcome = transition(this.status, input, this.now, rules, () => this.next());
    if (!outcome.changed) throw new Error(`${input.type} did nothing to a job that is ${this.status.state}`);
    this.status = outcome.status;
    const waits = this.status.state === 'retrying' || this.status.state === 'scheduled';
    this.note({ ...(waits && { run_at: iso(this.status.runAt) }), ...detail });
  }

  note(detail: object): void {
    this.history.push({ type: this.status.state, attempt: this.status.attempt, at: this.now, detail: { ...detail } });
  }

  step(): void {
    switch (this.status.state) {
      case 'queued':
        return this.queued();
      case 'running':
        return this.running();
      case 'retrying':
        return this.retrying();
      case 'scheduled': {
        const { reason, last_seen: lost } = this.history.at(-1)!.detail;
        const causes: Partial<Record<string, TimeCause>> = { snoozed: 'snooze', unsupported: 'version_skew' };
        const cause = lost ? 'retry_wait' : (causes[reason as string] ?? 'scheduled');
        this.spend(cause, this.status.runAt - this.now + this.one(200));
        return this.apply({ type: 'tick' }, { reason: 'due' });
      }
      case 'blocked': {
        const [what] = this.status.blockedOn!.split(':');
        this.pass(what as TimeCause, 20_000);
        return this.apply({ type: 'unblock' }, { reason: what });
      }
      case 'dead':
        this.pass('dead', 50_000);
        return this.apply({ type: 'redrive' }, { reason: 'redriven' });
    }
  }

  private queued(): void {
    this.pass('outbox', 500);
    const dispatched = { dispatched_at: iso(this.now) };
    this.relayedAt = this.now;
    this.pass('backlog', 5_000);
    this.claim(dispatched);
  }

  private claim(dispatched: object): void {
    const holds = ['slot:a|acme|', 'token:b|acme', 'pause:queue:probes:acme'];
    const what = this.one(10);
    if (what < 3) this.apply({ type: 'hold', on: holds[what]! }, { on: holds[what], ...dispatched });
    else if (what === 3) this.apply({ type: 'unsupported' }, { reason: 'unsupported', ...dispatched });
    else if (what === 4) this.apply({ type: 'cancel' });
    else this.apply({ type: 'claim', workerId: 'w', redelivered: false, graceMs: 0 }, dispatched);
  }

  private running(): void {
    const { attempt, workerId } = this.status;
    if (this.one(8) === 0) {
      const lastSeen = this.now + this.one(10_000);
      this.spend('running', lastSeen - this.now);
      this.apply({ type: 'assert', attempt });
      this.history.pop();
      this.spend('takeover', rules.leaseMs + this.one(300));
      return this.apply({ type: 'tick' }, { error: { code: 'LOST', message: '' }, last_seen: iso(lastSeen) });
    }
    const ran = this.one(10_000);
    this.spend('running', ran);
    const ended = { ended_at: iso(this.now + this.skewMs), ran_ms: ran, worker: workerId };
    this.pass('outcome', 100);
    switch (this.one(6)) {
      case 0:
        return this.apply({ type: 'released', attempt }, { reason: 'released', ...ended });
      case 1:
        return this.apply({ type: 'snoozed', attempt, delayMs: 1 + this.one(5_000) }, { reason: 'snoozed', ...ended });
      case 2:
        return this.apply(
          { type: 'throttled', attempt, bucket: 'b|acme', delayMs: 1 },
          { on: 'token:b|acme', ...ended },
        );
      case 3:
      case 4: {
        const failure = { code: 'UNAVAILABLE' as const, retryable: true, retryAfterMs: undefined };
        return this.apply(
          { type: 'failed', attempt, failure },
          { error: { code: 'UNAVAILABLE', message: '' }, ...ended },
        );
      }
      default:
        return this.apply({ type: 'succeeded', attempt }, ended);
    }
  }

  private retrying(): void {
    const byBroker = this.status.runAt - this.now <= 900_000;
    const dispatched = { dispatched_at: iso(this.now) };
    this.spend('retry_wait', this.status.runAt - this.now);
    if (byBroker) {
      this.pass('backlog', 3_000);
      return this.claim(dispatched);
    }
    this.pass('retry_wait', 200);
    this.apply({ type: 'tick' }, { reason: 'due' });
  }

  facts(): JobFacts {
    const over = isFinal(this.status.state);
    return {
      now: this.now,
      state: this.status.state,
      receivedAt: this.start,
      createdAt: this.createdAt,
      finishedAt: over ? this.now : undefined,
      inOutbox: this.inOutbox,
      relayedAt: this.relayedAt,
      history: this.history,
    };
  }
}

/** Evenly spread numbers below 1 (mulberry32). */
function dice(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A life of so many steps at the most; `skewMs`: how far the workers' clock is ahead of the ledger's. */
export function live({ seed, steps }: { seed: number; steps: number }, skewMs: number): RandomLife {
  const life = new RandomLife(dice(seed), skewMs);
  for (let i = 0; i < steps && !['succeeded', 'cancelled'].includes(life.status.state); i += 1) life.step();
  return life;
}
