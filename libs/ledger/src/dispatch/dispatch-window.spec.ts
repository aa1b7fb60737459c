import { DispatchWindow } from './dispatch-window.js';

const tickMs = 5;

interface Message {
  /** How long each of its jobs takes. */
  jobs: number[];
}

/**
 * A queue, one worker that takes as many messages as it may hold, and a relay that has a backlog to send. Jobs wait at the broker or in the worker's hand, until
 * one of its slots is free.
 */
class Queue {
  now = 0;
  readonly backlog: number[] = [];
  private readonly ready: Message[] = [];
  private readonly held: Message[] = [];
  private readonly running: number[] = [];
  private flight = { sent: 0, landed: 0, ended: 0, claimedTo: 0 };
  largest = 1;
  /** Of its slots, while there was something to do. */
  idle = 0;
  readonly window: DispatchWindow;

  constructor(
    private readonly slots: number,
    private readonly prefetch = 2 * slots,
  ) {
    this.window = new DispatchWindow(
      {
        of: () => this.flight,
        underWay: () => this.underWay,
        sync: async () => undefined,
        sent: (_queue, jobs) => (this.flight.sent += jobs),
      },
      async () => ({ ready: this.ready.length, consumers: 1 }),
      () => this.now,
    );
  }

  get underWay(): number {
    return this.flight.sent - this.flight.landed;
  }

  get ended(): number {
    return this.flight.ended;
  }

  async run(seconds: number): Promise<number[]> {
    const underWay: number[] = [];
    for (const until = this.now + seconds * 1000; this.now < until; this.now += tickMs) {
      if (this.now % 25 === 0) await this.relay();
      this.work();
      underWay.push(this.underWay);
    }
    return underWay;
  }

  private async relay(): Promise<void> {
    const jobs = this.backlog.splice(0, Math.min(1_000, await this.window.room('q')));
    const size = this.window.bundleSize('q');
    this.largest = Math.max(this.largest, size);
    if (jobs.length > 0) this.window.note('q', jobs.length);
    for (let i = 0; i < jobs.length; i += size) this.ready.push({ jobs: jobs.slice(i, i + size) });
  }

  private take(): void {
    while (this.ready.length > 0 && this.held.length + this.running.length < this.prefetch)
      this.held.push(this.ready.shift() as Message);
  }

  private work(): void {
    for (let i = this.running.length - 1; i >= 0; i -= 1) {
      if ((this.running[i] as number) > this.now) continue;
      this.running.splice(i, 1);
      this.flight.ended += 1;
    }
    this.take();
    // Shorter jobs than a tick: a slot does several.
    let free = (this.slots - this.running.length) * tickMs;
    while (free > 0) {
      this.take();
      const job = this.held[0]?.jobs.shift();
      if (job === undefined) break;
      if (this.held[0]?.jobs.length === 0) this.held.shift();
      this.flight.landed += 1;
      if (job < tickMs) this.flight.ended += 1;
      else this.running.push(this.now + job);
      free -= Math.min(job, tickMs);
    }
    if (this.backlog.length > 0) this.idle += free / tickMs / this.slots;
  }
}

const jobs = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

it.each([
  [20, 1_000],
  [100, 500],
  [20, 10],
  [20, 2],
  [100, 10],
])('keeps %i slots with jobs of %i ms busy, with less than a second of work under way', async (slots, ms) => {
  const queue = new Queue(slots);
  const perSecond = (slots * 1000) / ms;
  for (let second = 0; second < 20; second += 1) queue.backlog.push(...jobs(perSecond, ms));
  const underWay = (await queue.run(10)).slice(-1_000);
  expect(queue.idle * tickMs).toBeLessThan(1_000);
  expect(Math.max(...underWay)).toBeLessThanOrEqual(Math.max(20, perSecond));
  if (perSecond < 800) expect(queue.largest).toBe(1);
  if (perSecond >= 2_000) expect(queue.largest).toBeGreaterThan(10);
});

it.each([100, 1_000])('sends little of a backlog of jobs that take %i s to an idle queue', async (seconds) => {
  const queue = new Queue(100);
  queue.backlog.push(...jobs(20_000, seconds * 1000));
  const underWay = await queue.run(3);
  expect(queue.idle * tickMs).toBeLessThan(500);
  expect(Math.max(...underWay.slice(100))).toBeLessThanOrEqual(100);
});

it('has forgotten after a while of idleness how fast it was', async () => {
  const queue = new Queue(100);
  queue.backlog.push(...jobs(50_000, 1));
  await queue.run(5);
  expect(queue.ended).toBe(50_000);
  await queue.run(2);
  queue.backlog.push(...jobs(20_000, 500));
  const underWay = await queue.run(5);
  expect(Math.max(...underWay)).toBeLessThanOrEqual(200);
  expect(queue.ended).toBeGreaterThan(50_000 + 4 * 200);
});

it('sends nothing more when jobs have become long, until what is under way has gone', async () => {
  const queue = new Queue(100);
  queue.backlog.push(...jobs(30_000, 5), ...jobs(5_000, 10_000));
  const before = await queue.run(2);
  const after = await queue.run(30);
  expect(Math.max(...after)).toBeLessThanOrEqual(Math.max(...before));
  expect(after.at(-1)).toBeLessThan(Math.max(...before));
});

it('lets workers with free slots have something while others hold what they cannot run', async () => {
  const queue = new Queue(0, 500);
  queue.backlog.push(...jobs(10_000, 1));
  const atFirst = await queue.run(1);
  const later = await queue.run(20);
  expect(Math.max(...atFirst)).toBeLessThanOrEqual(60);
  // Up to what the worker may hold, and no more: the rest waits at the broker.
  expect(later.at(-1)).toBeGreaterThan(100);
  expect(Math.max(...later)).toBeLessThanOrEqual(520);
});

it('goes on when the broker cannot be asked', async () => {
  const flight = { sent: 0, landed: 0, ended: 0, claimedTo: 0 };
  const flights = { of: () => flight, underWay: () => 0, sync: async () => undefined, sent: () => undefined };
  expect(await new DispatchWindow(flights, async () => undefined).room('q')).toBeGreaterThan(0);
});
