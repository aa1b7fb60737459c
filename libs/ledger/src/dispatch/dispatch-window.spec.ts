import { DispatchWindow } from './dispatch-window.js';

/** A queue of the broker that workers drain at a steady rate, and a relay that always has more to send, in bundles as large as they may be. */
async function run(perSecond: number, seconds: number) {
  let now = 0;
  /** Jobs of each message. */
  const messages: number[] = [];
  const window = new DispatchWindow(
    async () => messages.length,
    () => now,
  );
  let taken = 0;
  let idleMs = 0;
  let largest = 1;
  const depths: number[] = [];
  for (; now < seconds * 1000; now += 25) {
    const room = await window.room('q');
    const size = window.bundleSize('q');
    largest = Math.max(largest, size);
    const sent = Math.ceil(room / size);
    for (let left = room; left > 0; left -= size) messages.push(Math.min(size, left));
    if (sent > 0) window.note('q', room, sent);
    let may = perSecond * 0.025;
    for (; may > 0 && messages.length > 0;) {
      const done = Math.min(may, messages[0] as number);
      may -= done;
      taken += done;
      if (done === messages[0]) messages.shift();
      else messages[0] = (messages[0] as number) - done;
    }
    if (may > 0) idleMs += 25;
    depths.push(messages.reduce((sum, jobs) => sum + jobs, 0));
  }
  return { taken, idleMs, settled: Math.max(...depths.slice(-40)), largest };
}

it.each([20, 200, 2_000, 12_000])(
  'keeps workers that take %i a second busy, with at most seconds of work ahead of them',
  async (rate) => {
    const { taken, idleMs, settled, largest } = await run(rate, 10);
    expect(largest).toBeLessThanOrEqual(Math.max(1, rate / 20));
    if (rate >= 2_000) expect(largest).toBeGreaterThan(10);
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
