import { DispatchWindow } from './dispatch-window.js';

/** A queue of the broker that workers drain at a steady rate, and a relay that always has more to send. */
async function run(perSecond: number, seconds: number) {
  let now = 0;
  let depth = 0;
  const window = new DispatchWindow(
    async () => depth,
    () => now,
  );
  let taken = 0;
  let idleMs = 0;
  const depths: number[] = [];
  for (; now < seconds * 1000; now += 25) {
    const room = await window.room('q');
    depth += room;
    window.note('q', room);
    const drained = Math.min(depth, perSecond * 0.025);
    if (depth < perSecond * 0.025) idleMs += 25;
    depth -= drained;
    taken += drained;
    depths.push(depth);
  }
  return { taken, idleMs, settled: Math.max(...depths.slice(-40)) };
}

it.each([20, 200, 2_000, 12_000])(
  'keeps workers that take %i a second busy, with at most seconds of work ahead of them',
  async (rate) => {
    const { taken, idleMs, settled } = await run(rate, 10);
    expect(idleMs).toBeLessThanOrEqual(700);
    expect(taken).toBeGreaterThan(rate * 9);
    expect(settled).toBeLessThanOrEqual(Math.max(150, rate * 2));
  },
);

it('lets nothing more out when workers have stopped', async () => {
  const { settled } = await run(0, 5);
  expect(settled).toBeLessThanOrEqual(100);
});

it('goes on when the broker cannot be asked', async () => {
  const window = new DispatchWindow(async () => undefined);
  expect(await window.room('q')).toBe(100);
});
