import { defaultRetryPolicy, type RetryPolicy } from '@roundhouse/contracts';
import fc from 'fast-check';
import { retryDelayMs } from './retry-delay.js';

const policy = (patch: Partial<RetryPolicy>): RetryPolicy => ({ ...defaultRetryPolicy, ...patch });
const middle = () => 0.5; // no jitter

const policies = fc.record({
  backoff: fc.constantFrom('polynomial' as const, 'exponential' as const, 'fixed' as const),
  maxAttempts: fc.integer({ min: 1, max: 50 }),
  initialMs: fc.integer({ min: 1, max: 60_000 }),
  multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
  capMs: fc.integer({ min: 1_000, max: 86_400_000 }),
  delaysMs: fc.array(fc.integer({ min: 0, max: 86_400_000 }), { maxLength: 6 }),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retryDelayMs', () => {
  it('is the documented polynomial by default: 15 s plus a little, then n⁴', () => {
    const delays = [1, 2, 3, 10].map((n) => retryDelayMs(defaultRetryPolicy, n, middle));
    expect(delays).toEqual([20_000, 26_000, 46_000, 6_626_000]);
  });

  it('grows by the multiplier from the initial delay', () => {
    const exponential = policy({ backoff: 'exponential', initialMs: 2_000, multiplier: 3, capMs: 100_000 });
    expect([1, 2, 3, 4, 5].map((n) => retryDelayMs(exponential, n, middle))).toEqual([
      2_000, 6_000, 18_000, 54_000, 100_000,
    ]);
  });

  it('repeats the last of fixed delays, and waits not at all when there is none', () => {
    const fixed = policy({ backoff: 'fixed', delaysMs: [1_000, 5_000] });
    expect([1, 2, 3, 9].map((n) => retryDelayMs(fixed, n, middle))).toEqual([1_000, 5_000, 5_000, 5_000]);
    expect(retryDelayMs(policy({ backoff: 'fixed' }), 1, middle)).toBe(0);
  });

  it('is always a whole number of milliseconds between 0 and the cap', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 1_000 }), chance, (any, failures, random) => {
        const delay = retryDelayMs(any, failures, () => random);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(any.capMs);
      }),
    );
  });

  it('strays from the middle by 10 % at most, when the policy has no chance of its own', () => {
    const certain = policies.filter((p) => p.backoff !== 'polynomial');
    fc.assert(
      fc.property(certain, fc.integer({ min: 1, max: 12 }), chance, (any, failures, random) => {
        const base = retryDelayMs({ ...any, capMs: Infinity }, failures, middle);
        const delay = retryDelayMs({ ...any, capMs: Infinity }, failures, () => random);
        expect(Math.abs(delay - base)).toBeLessThanOrEqual(base * 0.1 + 1);
      }),
    );
  });

  it('never gets shorter from one failure to the next, jitter apart', () => {
    const growing = policies.filter((p) => p.backoff !== 'fixed');
    fc.assert(
      fc.property(growing, fc.integer({ min: 1, max: 100 }), (any, failures) => {
        expect(retryDelayMs(any, failures + 1, middle)).toBeGreaterThanOrEqual(retryDelayMs(any, failures, middle));
      }),
    );
  });

  it('spreads jobs that failed together over the whole 20 %', () => {
    const fixed = policy({ backoff: 'fixed', delaysMs: [100_000] });
    const delays = Array.from({ length: 4_000 }, () => retryDelayMs(fixed, 1));
    const mean = delays.reduce((sum, d) => sum + d, 0) / delays.length;
    // Uniform over 20 s: the mean of 4000 strays by 91 ms (one sigma), so 1 s is eleven sigmas.
    expect(Math.abs(mean - 100_000)).toBeLessThan(1_000);
    const fifths = [0, 0, 0, 0, 0];
    for (const d of delays) fifths[Math.min(4, Math.floor((d - 90_000) / 4_000))]! += 1;
    for (const n of fifths) expect(n).toBeGreaterThan(600); // 800 expected, sigma 25
  });
});
