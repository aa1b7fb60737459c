import fc from 'fast-check';
import { live, type RandomLife } from '../../e2e/random-life.js';
import { explainJob } from './explain-job.js';
import type { JobFacts } from './job-facts.js';

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
      // It was in a worker's hands until then, so that only the rest was lost.
      ['redispatched', 75_000, { dispatched_at: at(40_200), last_seen: at(60_000) }],
      ['running', 76_000, { dispatched_at: at(75_500) }, 2],
      ['dead', 77_000, { ended_at: at(77_000), ran_ms: 1_000, error: { code: 'INTERNAL', message: 'no' } }, 2],
      ['queued', 90_000, { reason: 'redriven' }, 2],
      ['running', 90_010, { dispatched_at: at(90_000) }, 3],
      ['succeeded', 90_020, { ended_at: at(90_020), ran_ms: 10 }, 3],
    ),
  );
  expect(totals).toEqual({
    backlog: 20_410,
    running: 10_910,
    takeover: 30_000,
    lost_delivery: 15_000,
    outbox: 700,
    dead: 13_000,
  });
  expect(attempts.map(({ attempt, ended, error }) => [attempt, ended, error?.code])).toEqual([
    [1, 'queued', 'LOST'],
    [2, 'dead', 'INTERNAL'],
    [3, 'succeeded', undefined],
  ]);
});

const lives = fc.record({ seed: fc.integer(), steps: fc.integer({ min: 0, max: 25 }) });

const contiguous = (life: RandomLife) => {
  const { segments, from, to, totals } = explainJob(life.facts());
  let cursor = from;
  for (const segment of segments) {
    expect(segment.from).toBe(cursor);
    expect(segment.to).toBeGreaterThan(segment.from);
    cursor = segment.to;
  }
  expect(cursor).toBe(to);
  expect([from, to]).toEqual([life.start, life.now]);
  expect(Object.values(totals).reduce((sum, ms) => sum + ms, 0)).toBe(life.now - life.start);
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
