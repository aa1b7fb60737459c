import { typescriptThreadArguments } from '@roundhouse/testing';
import type { Bar, StoredFill } from '@roundhouse/trading';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { scoreFills, type ScoringJob } from './score-fills.js';
import { Scorer } from './scorer.js';

const day = 86_400_000;
const start = Date.UTC(2024, 0, 1, 15);
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function barsOf(days: number): Bar[] {
  return Array.from({ length: days }, (_, n) => {
    const close = 100 + 10 * Math.sin(n / 7) + (n % 5);
    const date = new Date(start + n * day).toISOString().slice(0, 10);
    return { date, open: close - 0.5, high: close + 1, low: close - 1, close, volume: 1000 + (n % 7) };
  });
}

/** A fill an hour, buying and selling in turns, over a number of symbols. */
function jobOf(fills: number, symbols: number): ScoringJob {
  const rows = Array.from({ length: fills }, (_, n): StoredFill => {
    const at = new Date(start + 300 * day + n * 3_600_000);
    const price = String(100 + (n % 17));
    const base = {
      id: uuid(n),
      userId: 'ada',
      broker: 'csv',
      extId: String(n),
      symbol: `SYM${Math.floor(n / 2) % symbols}`,
    };
    return { ...base, side: n % 2 === 0 ? 'buy' : 'sell', quantity: '10', price, fee: '0.1', feeCurrency: 'USD', at };
  });
  const bars = Array.from({ length: symbols }, (_, n): [string, Bar[]] => [`SYM${n}`, barsOf(700)]);
  const options = {
    method: 'fifo' as const,
    since: null,
    until: null,
    splits: [],
    meanPortfolioValue: null,
    marketZone: 'UTC',
  };
  return { fills: rows, bars, options };
}

const signal = new AbortController().signal;
let scorer: Scorer;
beforeAll(() => {
  scorer = new Scorer({ inlineUpTo: 50, threadOptions: { execArgv: typescriptThreadArguments } });
});
afterAll(() => scorer.close());

it('gives the same from a thread as without one', async () => {
  const job = jobOf(2500, 7);
  expect(await scorer.score(job, signal)).toEqual(scoreFills(job));
  const small = jobOf(50, 2);
  expect(await scorer.score(small, signal)).toEqual(scoreFills(small));
});

it('keeps concurrent scorings apart', async () => {
  const jobs = [jobOf(200, 3), jobOf(300, 4), jobOf(40, 2)];
  const scored = await Promise.all(jobs.map((job) => scorer.score(job, signal)));
  expect(scored.map((one) => one.trades)).toEqual([200, 300, 40]);
  expect(scored[1]).toEqual(scoreFills(jobs[1]!));
});

it('does not hold up the process while it scores 20 000 fills', async () => {
  await scorer.score(jobOf(100, 2), signal); // the thread is there
  const job = jobOf(20_000, 20);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  const scored = await scorer.score(job, signal);
  const took = performance.now() - start;
  delay.disable();
  expect(scored.roundTrips).toHaveLength(10_000);
  // On a machine that is busy the event loop is late as well, and the scoring takes longer.
  expect(delay.percentile(99) / 1e6).toBeLessThan(Math.max(50, took / 4));
});

it('passes on what goes wrong, and goes on with the next scoring', async () => {
  const job = jobOf(100, 2);
  const strangers = { ...job, fills: job.fills.map((fill, n) => ({ ...fill, userId: n === 7 ? 'bea' : 'ada' })) };
  await expect(scorer.score(strangers, signal)).rejects.toThrow('one user at a time');
  expect((await scorer.score(job, signal)).trades).toBe(100);
});

it('ends a scoring that is interrupted', async () => {
  const controller = new AbortController();
  const running = scorer.score(jobOf(20_000, 20), controller.signal);
  setImmediate(() => controller.abort(new Error('cancelled')));
  await expect(running).rejects.toThrow('cancelled');
  expect((await scorer.score(jobOf(100, 2), signal)).trades).toBe(100);
  await expect(scorer.score(jobOf(100, 2), AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
});
