import fc from 'fast-check';
import { available, reserve, use, type TokenBucket } from './token-bucket.js';

const bucket = (perSecond: number, burst: number, patch: Partial<TokenBucket> = {}): TokenBucket => ({
  key: 'b|t',
  perSecond,
  burst,
  fullAt: 0,
  grantedFullAt: 0,
  pausedUntil: undefined,
  ...patch,
});

it('gives a burst at once and then one by one', () => {
  const b = bucket(10, 3);
  const times = [1, 2, 3, 4, 5].map(() => reserve(b, 1, 1_000, Infinity));
  expect(times).toEqual([1_000, 1_000, 1_000, 1_100, 1_200]);
  expect(available(b, 1_000)).toBe(0);
  expect(available(b, 1_400)).toBe(2);
  expect(available(b, 9_000)).toBe(3);
  expect(available(bucket(10, 3, { pausedUntil: 9_000 }), 1_000)).toBe(0);
});

it('sets nothing aside beyond the horizon', () => {
  const b = bucket(1, 1);
  expect(reserve(b, 1, 0, 1_500)).toBe(0);
  expect(reserve(b, 1, 0, 1_500)).toBe(1_000);
  expect(reserve(b, 1, 0, 1_500)).toBeUndefined();
  expect(reserve(b, 1, 600, 2_100)).toBe(2_000);
});

it('spreads tokens that are used late', () => {
  const b = bucket(10, 2);
  for (let i = 0; i < 6; i += 1) reserve(b, 1, 0, Infinity);
  const outage = 60_000;
  expect([1, 2, 3].map(() => use(b, 1, outage))).toEqual([outage, outage, outage + 100]);
  expect(use(b, 1, outage + 100)).toBe(outage + 100);
});

it('lets a job that costs more than the bucket holds wait until it is full', () => {
  const b = bucket(10, 2);
  const from = reserve(b, 5, 0, Infinity) as number;
  expect(from).toBe(300);
  expect(use(b, 5, from)).toBe(from);
  expect(use(b, 1, from + 100)).toBeGreaterThan(from + 100);
});

/** Jobs come, keep their times or come late, and use their tokens: how many were used when. */
function grants(perSecond: number, burst: number, steps: { wait: number; cost: number; late: number }[]) {
  const b = bucket(perSecond, burst);
  const queue: { at: number; cost: number }[] = [];
  const granted: { at: number; cost: number }[] = [];
  let now = 1_000;
  for (const { wait, cost, late } of steps) {
    now += wait;
    const from = reserve(b, cost, now, Infinity) as number;
    queue.push({ at: from + late, cost });
  }
  for (let guard = 0; queue.length > 0 && guard < 10_000; guard += 1) {
    queue.sort((x, y) => x.at - y.at);
    const next = queue.shift() as { at: number; cost: number };
    const at = use(b, next.cost, next.at);
    if (at > next.at) queue.push({ ...next, at });
    else granted.push(next);
  }
  return granted;
}

it('never gives more than burst + rate × time in any window, however late tokens are used, and gives all', () => {
  const step = fc.record({
    wait: fc.constantFrom(0, 0, 0, 5, 40, 700),
    cost: fc.constantFrom(1, 1, 1, 2),
    late: fc.constantFrom(0, 0, 1, 30, 2_000),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(0.5, 3, 10, 77),
      fc.integer({ min: 2, max: 9 }),
      fc.array(step, { maxLength: 40 }),
      (perSecond, burst, steps) => {
        const granted = grants(perSecond, burst, steps);
        expect(granted).toHaveLength(steps.length);
        for (let i = 0; i < granted.length; i += 1) {
          let used = 0;
          for (let j = i; j < granted.length; j += 1) {
            used += granted[j]!.cost;
            const window = (granted[j]!.at - granted[i]!.at) / 1000;
            // Half a millisecond of grace for each grant.
            expect(used).toBeLessThanOrEqual(burst + perSecond * (window + 0.0005 * (j - i + 2)) + 1e-6);
          }
        }
      },
    ),
  );
});
