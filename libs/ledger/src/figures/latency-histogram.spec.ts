import { addLatencies, latencyClass, latencyClasses, noLatencies, percentile } from './latency-histogram.js';

describe('latency classes', () => {
  it('hold every latency', () => {
    expect([-5, 0, 1, 1.1, 10, 1e7, 1e12, Number.NaN].map(latencyClass)).toEqual([0, 0, 0, 1, 8, 56, 57, 0]);
    expect(noLatencies()).toHaveLength(latencyClasses);
  });

  it('give percentiles to within a third, also of sums', () => {
    const [a, b] = [noLatencies(), noLatencies()];
    for (let ms = 1; ms <= 1_000; ms += 1) (ms % 2 ? a : b)[latencyClass(ms)]! += 1;
    addLatencies(a, b);
    for (const share of [0.5, 0.95, 0.99]) {
      const found = percentile(a, share) as number;
      expect(Math.abs(found - share * 1_000) / (share * 1_000)).toBeLessThan(0.34);
    }
  });

  it('have none of nothing', () => {
    expect(percentile(noLatencies(), 0.5)).toBeNull();
  });
});
