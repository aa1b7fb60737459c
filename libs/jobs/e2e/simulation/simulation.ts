import { defaultRetryPolicy, type RetryPolicy } from '@roundhouse/contracts';
import { defaultJobRules, type JobRules, type JobStatus } from '../../src/index.js';
import { FakeBroker } from './fake-broker.js';
import { FakeLedger } from './fake-ledger.js';
import { FakeWorker } from './fake-worker.js';
import { World } from './world.js';

export interface SimulationOutcome {
  jobs: ReadonlyMap<string, JobStatus>;
  /** How often the effect of each job was committed. */
  effects: ReadonlyMap<string, number>;
  trace: string[];
  virtualMs: number;
}

// After the faults have stopped: all retries of the longest policy, leases and sweeps in between.
const patienceMs = 6 * 3_600_000;

function rulesOf({ chance }: World): JobRules {
  const retry: RetryPolicy = {
    ...defaultRetryPolicy,
    backoff: chance.pick(['fixed', 'exponential'] as const),
    delaysMs: [chance.between(500, 60_000), chance.between(1_000, 1_200_000)],
    initialMs: chance.between(500, 30_000),
    multiplier: 4,
    capMs: 1_500_000,
    maxAttempts: chance.between(1, 5),
  };
  return { ...defaultJobRules, retry, errorRules: [], maxCrashes: chance.between(1, 4) };
}

/** One run of the platform with everything but the state machine made up. The same seed gives the same run. */
export class Simulation {
  private readonly world: World;
  private readonly ledger: FakeLedger;
  private readonly broker: FakeBroker;
  private readonly workers: FakeWorker[];
  private readonly effects = new Map<string, number>();

  constructor(seed: number, tracing = false) {
    this.world = new World(seed, tracing);
    const { world } = this;
    this.broker = new FakeBroker(world, (jobId) => this.ledger.input(jobId, { type: 'poison' }));
    this.ledger = new FakeLedger(
      world,
      rulesOf(world),
      (jobId, delayMs) => this.broker.publish(jobId, delayMs),
      (jobId, attempt) => this.workers.forEach((worker) => worker.stopAttempt(jobId, attempt)),
    );
    const inbox = { once: (jobId: string) => this.once(jobId) };
    const names = Array.from({ length: world.chance.between(1, 3) }, (_, i) => `w${i}`);
    this.workers = names.map((name) => new FakeWorker(name, world, this.broker, this.ledger, inbox));
  }

  /** @throws Error that names the broken promise, with the seed and, when traced, what happened before */
  run(): SimulationOutcome {
    const { world, ledger, effects } = this;
    const start = world.clock.now;
    try {
      this.plan();
      const over = () => world.clock.now > start + 20_000 && ledger.allFinal;
      if (!world.clock.runUntil(over, world.faultsUntil + patienceMs)) this.lost();
      this.checkEffects();
    } catch (error) {
      const story = world.trace.length > 0 ? `\n${world.trace.join('\n')}` : '';
      throw new Error(`seed ${world.seed}: ${(error as Error).message}${story}`, { cause: error });
    }
    return { jobs: ledger.jobs, effects, trace: world.trace, virtualMs: world.clock.now - start };
  }

  private plan(): void {
    const { world, ledger, broker } = this;
    const { chance, clock } = world;
    for (let i = chance.between(1, 6); i > 0; i -= 1) {
      const jobId = `j${i}`;
      clock.after(chance.between(0, 10_000), () => {
        ledger.accept(jobId, chance.is(0.3) ? chance.between(1, 60_000) : 0);
        if (chance.is(0.2)) clock.after(chance.between(0, 60_000), () => ledger.input(jobId, { type: 'cancel' }));
      });
    }
    this.every(15_000, 20_000, () => ledger.sweep(broker.readyCount));
    this.every(5_000, 30_000, () => clock.now < world.faultsUntil && this.trouble());
  }

  private every(min: number, max: number, run: () => unknown): void {
    this.world.clock.after(this.world.chance.between(min, max), () => {
      run();
      this.every(min, max, run);
    });
  }

  private trouble(): void {
    const { world } = this;
    const worker = world.chance.pick(this.workers);
    if (world.fails('crash')) worker.crash();
    else if (world.fails('freeze')) worker.freeze();
    else if (world.fails('disconnect')) worker.disconnect();
    else if (world.fails('stop')) worker.shutDown();
    else if (world.fails('wipe') && world.chance.is(0.3)) this.broker.wipe();
  }

  /** The effect and its inbox row in one transaction, as `ctx.tx` does. */
  private once(jobId: string): boolean {
    if (this.effects.has(jobId)) return false;
    this.effects.set(jobId, 1);
    return true;
  }

  private lost(): never {
    const open = [...this.ledger.jobs].filter(([, { state }]) => !['succeeded', 'dead', 'cancelled'].includes(state));
    return this.world.violated(`not over in time: ${JSON.stringify(open)}`);
  }

  private checkEffects(): void {
    for (const [jobId, { state }] of this.ledger.jobs) {
      const times = this.effects.get(jobId) ?? 0;
      if (state === 'succeeded' && times !== 1)
        this.world.violated(`job ${jobId} succeeded, its effect happened ${times} times`);
      if (times > 1) this.world.violated(`the effect of job ${jobId} happened ${times} times`);
    }
  }
}
