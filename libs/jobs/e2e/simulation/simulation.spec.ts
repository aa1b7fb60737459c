import { Simulation } from './simulation.js';

// ROUNDHOUSE_SIMULATION_SEED runs one seed again and tells its story; ROUNDHOUSE_SIMULATION_SEEDS sets how many are run.
const only = process.env['ROUNDHOUSE_SIMULATION_SEED'];
const count = Number(process.env['ROUNDHOUSE_SIMULATION_SEEDS'] ?? 3_000);

describe('the platform, simulated', () => {
  if (only !== undefined) {
    it(`keeps its promises with seed ${only}`, () => {
      const { trace, jobs, virtualMs } = new Simulation(Number(only), true).run();
      console.log([...trace, ...[...jobs].map((job) => JSON.stringify(job)), `${virtualMs / 1000} s`].join('\n'));
    });
    return;
  }

  it(`keeps its promises under faults (${count} seeds)`, () => {
    const ends = { succeeded: 0, dead: 0, cancelled: 0 };
    let attempts = 0;
    const first = Date.now() % 1_000_000_000;
    for (let i = 0; i < count; i += 1) {
      // Half of the seeds are always the same ones, half are new each time; a failure names its seed.
      const { jobs } = new Simulation(i % 2 === 0 ? i : first + i).run();
      for (const { state, attempt } of jobs.values()) {
        ends[state as keyof typeof ends] += 1;
        attempts += attempt;
      }
    }
    // It has been a real test only if all of this happened often.
    expect(Math.min(...Object.values(ends))).toBeGreaterThan(count / 10);
    expect(attempts).toBeGreaterThan(count);
  });

  it('repeats a run from its seed', () => {
    const run = () => new Simulation(4711, true).run();
    expect(run()).toEqual(run());
  });
});
