import fc from 'fast-check';
import { WeightedSlots, type SlotClass } from './weighted-slots.js';

const lane = (queue: string, weight: number, processLimit?: number): SlotClass => ({ queue, weight, processLimit });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Every queue always has work; answers how many slots each got in `rounds` turns of a process with `total` slots. */
async function shares(total: number, classes: SlotClass[], rounds: number): Promise<Record<string, number>> {
  const slots = new WeightedSlots(total, classes);
  const served: Record<string, number> = Object.fromEntries(classes.map((c) => [c.queue, 0]));
  const held: (() => void)[] = [];
  const ask = (queue: string) =>
    void slots.acquire(queue).then((release) => {
      served[queue] = (served[queue] ?? 0) + 1;
      held.push(release);
      ask(queue);
    });
  for (const { queue } of classes) for (let i = 0; i <= total; i += 1) ask(queue);
  for (let i = 0; i < rounds; i += 1) {
    await settle();
    held.shift()?.();
  }
  return served;
}

it('serves busy queues in proportion to their weights', async () => {
  const weights = { critical: 10, mesh_generation: 5, batch: 3, default: 2, low: 1 };
  const served = await shares(
    4,
    Object.entries(weights).map(([queue, weight]) => lane(queue, weight)),
    2_100,
  );
  for (const [queue, weight] of Object.entries(weights)) {
    expect(Math.abs((served[queue] as number) - weight * 100)).toBeLessThanOrEqual(weight + 4);
  }
});

it('starves no queue, whatever the weights', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 1, max: 4 }),
      async (weights, total) => {
        const sum = weights.reduce((a, b) => a + b, 0);
        const served = await shares(
          total,
          weights.map((w, i) => lane(`q${i}`, w)),
          sum * 3,
        );
        for (const count of Object.values(served)) expect(count).toBeGreaterThanOrEqual(1);
      },
    ),
    { numRuns: 30 },
  );
});

it('gives an idle process to whoever asks, and does not let a queue claim the time it slept', async () => {
  const slots = new WeightedSlots(1, [lane('a', 1), lane('b', 1)]);
  for (let i = 0; i < 50; i += 1) (await slots.acquire('a'))();
  const order: string[] = [];
  const hold = await slots.acquire('a');
  const asks = ['b', 'b', 'b', 'a', 'a', 'a'].map((queue) =>
    slots.acquire(queue).then((release) => {
      order.push(queue);
      release();
    }),
  );
  hold();
  await Promise.all(asks);
  expect(order.slice(0, 4).filter((queue) => queue === 'a').length).toBeGreaterThanOrEqual(1);
});

it('keeps a queue within its own limit and the process within its slots', async () => {
  const slots = new WeightedSlots(3, [lane('a', 10, 1), lane('b', 1)]);
  let a = 0;
  const releases: (() => void)[] = [];
  for (let i = 0; i < 3; i += 1) void slots.acquire('a').then((r) => ((a += 1), releases.push(r)));
  await settle();
  expect(a).toBe(1);
  void slots.acquire('b').then((r) => releases.push(r));
  void slots.acquire('b').then((r) => releases.push(r));
  void slots.acquire('b').then((r) => releases.push(r));
  await settle();
  expect(slots.running).toBe(3);
  releases[0]?.();
  releases[0]?.(); // giving a slot back twice gives it back once
  await settle();
  expect(slots.running).toBe(3);
});

it('refuses queues that it does not know', async () => {
  await expect(new WeightedSlots(1, []).acquire('x')).rejects.toThrow('Queue x');
});
