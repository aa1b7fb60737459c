import { defaultRetryPolicy } from '@roundhouse/contracts';
import { defaultJobRules, isFinal, newJob, transition, type JobInput, type JobStatus } from '@roundhouse/jobs';
import fc from 'fast-check';
import { explainJob, type HistoryFact, type JobFacts, type TimeCause } from './explain-job.js';

const iso = (ms: number) => new Date(ms).toISOString();
const start = Date.UTC(2026, 0, 1);

function facts(
  overrides: Partial<JobFacts>,
  ...history: [type: string, at: number, detail?: object, attempt?: number][]
): JobFacts {
  const entries = history.map(([type, at, detail = {}, attempt = 1]) => ({
    type,
    at: start + at,
    detail: { ...detail },
    attempt,
  }));
  return {
    now: start + 100_000,
    state: 'running',
    receivedAt: undefined,
    createdAt: start,
    finishedAt: undefined,
    inOutbox: false,
    relayedAt: undefined,
    history: entries,
    ...overrides,
  };
}

const at = (ms: number) => iso(start + ms);

it('accounts for a job that simply ran', () => {
  const { segments, totals, from, to, attempts } = explainJob(
    facts(
      { state: 'succeeded', receivedAt: start - 4, finishedAt: start + 1_060 },
      ['running', 50, { worker: 'w1', dispatched_at: at(20) }],
      ['progress', 500],
      ['succeeded', 1_060, { ended_at: at(1_050), ran_ms: 990 }],
    ),
  );
  expect(segments.map(({ cause, from: a, to: b }) => [cause, a - start, b - start])).toEqual([
    ['accept', -4, 0],
    ['outbox', 0, 20],
    ['backlog', 20, 50],
    ['running', 50, 1_050],
    ['outcome', 1_050, 1_060],
  ]);
  expect(totals).toEqual({ accept: 4, outbox: 20, backlog: 30, running: 1_000, outcome: 10 });
  expect([from - start, to - start]).toEqual([-4, 1_060]);
  expect(attempts).toMatchObject([{ attempt: 1, worker: 'w1', ended: 'succeeded' }]);
});

it('does not believe a clock that is far off', () => {
  const run = (endedAt: number) =>
    explainJob(
      facts(
        { state: 'succeeded' },
        ['running', 0, { dispatched_at: at(0) }],
        ['succeeded', 1_000, { ended_at: at(endedAt), ran_ms: 980 }],
      ),
    ).totals;
  expect(run(990)).toEqual({ running: 990, outcome: 10 });
  expect(run(-3_600_000)).toEqual({ running: 980, outcome: 20 });
  expect(run(3_600_000)).toEqual({ running: 1_000 });
  // A delivery from the future or from before the job leaves no room for anything else than the truth of the ledger's clock.
  const claimed = (dispatched: number) =>
    explainJob(facts({ state: 'running', now: start + 100 }, ['running', 100, { dispatched_at: at(dispatched) }]))
      .totals;
  expect(claimed(5_000)).toEqual({ outbox: 100 });
  expect(claimed(-5_000)).toEqual({ backlog: 100 });
});

it('names what nobody wrote down', () => {
  expect(explainJob(facts({ state: 'queued', now: start + 70 })).totals).toEqual({ unknown: 70 });
  expect(explainJob(facts({ state: 'queued', now: start + 70, inOutbox: true })).totals).toEqual({ outbox: 70 });
  expect(explainJob(facts({ state: 'queued', now: start + 70, relayedAt: start + 30 })).totals).toEqual({
    outbox: 30,
    backlog: 40,
  });
  expect(explainJob(facts({ state: 'running' }, ['running', 70])).totals.unknown).toBe(70);
  expect(explainJob(facts({ state: 'dead', finishedAt: start + 5 })).totals).toEqual({ unknown: 5 });
});

it('tells a lost worker, a lost delivery and a second life apart', () => {
  const { totals, attempts } = explainJob(
    facts(
      { state: 'succeeded' },
      ['running', 100, { dispatched_at: at(0) }],
      ['queued', 40_000, { error: { code: 'LOST', message: 'gone' }, last_seen: at(10_000) }],
      ['redispatched', 75_000],
      ['running', 76_000, { dispatched_at: at(75_500) }, 2],
      ['dead', 77_000, { ended_at: at(77_000), ran_ms: 1_000, error: { code: 'INTERNAL', message: 'no' } }, 2],
      ['queued', 90_000, { reason: 'redriven' }, 2],
      ['running', 90_010, { dispatched_at: at(90_000) }, 3],
      ['succeeded', 90_020, { ended_at: at(90_020), ran_ms: 10 }, 3],
    ),
  );
  expect(totals).toEqual({
    backlog: 610,
    running: 10_910,
    takeover: 30_000,
    lost_delivery: 35_000,
    outbox: 500,
    dead: 13_000,
  });
  expect(attempts.map(({ attempt, ended, error }) => [attempt, ended, error?.code])).toEqual([
    [1, 'queued', 'LOST'],
    [2, 'dead', 'INTERNAL'],
    [3, 'succeeded', undefined],
  ]);
});

const rules = { ...defaultJobRules, retry: { ...defaultRetryPolicy, maxAttempts: 4 }, errorRules: [] };

/** A life of a job through the real state machine, noted as the ledger does, and what its time really went to. */
class Life {
  now = start;
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
      receivedAt: start,
      createdAt: this.createdAt,
      finishedAt: over ? this.now : undefined,
      inOutbox: this.inOutbox,
      relayedAt: this.relayedAt,
      history: this.history,
    };
  }
}

const lives = fc.record({ seed: fc.integer(), steps: fc.integer({ min: 0, max: 25 }) });

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

function live({ seed, steps }: { seed: number; steps: number }, skewMs: number): Life {
  const life = new Life(dice(seed), skewMs);
  for (let i = 0; i < steps && !['succeeded', 'cancelled'].includes(life.status.state); i += 1) life.step();
  return life;
}

const contiguous = (life: Life) => {
  const { segments, from, to, totals } = explainJob(life.facts());
  let cursor = from;
  for (const segment of segments) {
    expect(segment.from).toBe(cursor);
    expect(segment.to).toBeGreaterThan(segment.from);
    cursor = segment.to;
  }
  expect(cursor).toBe(to);
  expect([from, to]).toEqual([start, life.now]);
  expect(Object.values(totals).reduce((sum, ms) => sum + ms, 0)).toBe(life.now - start);
  return totals;
};

it('attributes every millisecond of random lives to its true cause', () => {
  fc.assert(
    fc.property(lives, (plan) => {
      const life = live(plan, 0);
      const truth = Object.fromEntries(Object.entries(life.truth).filter(([, ms]) => ms > 0));
      expect(contiguous(life)).toEqual(truth);
    }),
    { numRuns: 1_000 },
  );
});

it('loses nothing to wrong clocks: only the border between running and reporting moves, by no more than the report took', () => {
  fc.assert(
    fc.property(lives, fc.integer({ min: -10_000_000, max: 10_000_000 }), (plan, skewMs) => {
      const life = live(plan, skewMs);
      const { running = 0, outcome = 0, ...rest } = contiguous(life);
      const { running: ran = 0, outcome: reported = 0, ...truth } = life.truth;
      expect(rest).toEqual(Object.fromEntries(Object.entries(truth).filter(([, ms]) => ms > 0)));
      expect(running + outcome).toBe(ran + reported);
      expect(Math.abs(running - ran)).toBeLessThanOrEqual(reported);
    }),
    { numRuns: 500 },
  );
});
