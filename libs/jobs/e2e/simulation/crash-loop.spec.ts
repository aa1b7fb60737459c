import { defaultRetryPolicy } from '@roundhouse/contracts';
import { defaultJobRules, isFinal, newJob, transition, type JobInput, type JobStatus } from '../../src/index.js';
import { Chance } from './chance.js';

const tickMs = 100;
const slots = 20;
const takeoverMs = 1_200;
const restartMs = 2_000;
const rules = { ...defaultJobRules, retry: defaultRetryPolicy, errorRules: [] };

interface Run {
  id: number;
  attempt: number;
  alone: boolean;
  until: number;
}

/** Workers that run jobs side by side, loners alone; a guilty job takes its process along at some moment of its run. */
class CrashLoop {
  now = 0;
  restarts = 0;
  readonly jobs: JobStatus[];
  private readonly queue: number[] = [];
  private readonly workers: { name: number; upAt: number; runs: Run[] }[];
  private names = 0;

  constructor(
    private readonly chance: Chance,
    count: number,
    workers: number,
    private readonly guilty: ReadonlySet<number>,
  ) {
    this.jobs = Array.from({ length: count }, () => newJob(0, 0).status);
    this.queue.push(...this.jobs.keys());
    this.workers = Array.from({ length: workers }, () => ({ name: (this.names += 1), upAt: 0, runs: [] }));
  }

  run(): void {
    for (; !this.jobs.every(({ state }) => isFinal(state)); this.now += tickMs) {
      if (this.now > 3_600_000) throw new Error('not over within an hour');
      for (const worker of this.workers) if (worker.upAt <= this.now) this.work(worker);
    }
  }

  private work(worker: CrashLoop['workers'][number]): void {
    const ended = worker.runs.filter(({ until }) => until <= this.now);
    if (ended.some(({ id }) => this.guilty.has(id))) return this.crash(worker);
    for (const { id, attempt } of ended) this.apply(id, { type: 'succeeded', attempt });
    worker.runs = worker.runs.filter((run) => !ended.includes(run));
    while (worker.runs.length < slots && !worker.runs.some(({ alone }) => alone)) {
      const id = this.queue.shift();
      if (id === undefined) return;
      const status = this.apply(id, { type: 'claim', workerId: `w${worker.name}`, redelivered: false, graceMs: 1_000 });
      const { attempt, alone } = status;
      if (alone && worker.runs.length > 0) {
        this.apply(id, { type: 'snoozed', attempt, delayMs: tickMs });
        return;
      }
      worker.runs.push({ id, attempt, alone, until: this.now + this.chance.between(tickMs, 3_000) });
    }
  }

  private crash(worker: CrashLoop['workers'][number]): void {
    this.restarts += 1;
    const { runs } = worker;
    Object.assign(worker, { name: (this.names += 1), upAt: this.now + restartMs, runs: [] });
    this.now += takeoverMs;
    for (const { id } of runs) {
      const status = this.jobs[id] as JobStatus;
      this.jobs[id] = { ...status, dueAt: this.now, leaseUntil: this.now };
      this.apply(id, { type: 'tick', company: runs.length > 1 });
    }
  }

  private apply(id: number, input: JobInput): JobStatus {
    const { status, effects } = transition(this.jobs[id] as JobStatus, input, this.now, rules, this.chance.next);
    this.jobs[id] = status;
    if (effects.some(({ type }) => type === 'dispatch')) this.queue.push(id);
    // Its time comes soon enough for a simulation.
    if (status.state === 'scheduled') {
      this.jobs[id] = transition({ ...status, dueAt: this.now }, { type: 'tick' }, this.now, rules).status;
      this.queue.push(id);
    }
    return this.jobs[id] as JobStatus;
  }
}

it.each([1, 2, 5])('of 100 jobs exactly the guilty ones die, however they meet: %i of them', (count) => {
  for (let seed = 0; seed < 150; seed += 1) {
    const chance = new Chance(seed);
    const guilty = new Set(Array.from({ length: count }, (_, i) => i * 17 + chance.between(0, 16)));
    const loop = new CrashLoop(chance, 100, chance.between(1, 4), guilty);
    loop.run();
    const dead = [...loop.jobs.keys()].filter((id) => loop.jobs[id]?.state === 'dead');
    expect([seed, dead]).toEqual([seed, [...guilty].sort((a, b) => a - b)]);
    // Each is lost with others until it is a suspect, and then alone.
    expect(loop.restarts).toBeLessThanOrEqual(count * (rules.suspectFrom + rules.maxCrashes));
  }
});
