import fc from 'fast-check';
import { benjaminiHochberg } from './benjamini-hochberg.js';
import { probabilityGreater } from './beta-posterior.js';
import { binomialTail, hypergeometricTail, poissonTail } from './exact-tests.js';
import { permutationTest, ratioOfMeans } from './permutation-test.js';
import { empiricalPercentile, median, medianAbsoluteDeviation, quantile } from './quantiles.js';
import { seededRandom } from './random.js';

describe('probabilityGreater', () => {
  it('is 31/42 for 2/2 against 1/3 (0.737 when drawn at random, to 0.001) and 0.989 for 20/20 against 10/30', () => {
    expect(probabilityGreater(2, 2, 1, 3)).toBeCloseTo(31 / 42, 12);
    expect(Math.abs(probabilityGreater(2, 2, 1, 3) - 0.737)).toBeLessThan(0.0015);
    expect(probabilityGreater(20, 20, 10, 30)).toBeCloseTo(0.989, 3);
  });
  it('is one half for equal counts and complements itself', () => {
    const counts = fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300), fc.nat(300));
    fc.assert(
      fc.property(counts, ([a, b, c, d]) => {
        expect(probabilityGreater(a, b, c, d) + probabilityGreater(c, d, a, b)).toBeCloseTo(1, 9);
        expect(probabilityGreater(a, b, a, b)).toBeCloseTo(0.5, 9);
      }),
    );
  });
});

it('binomial, Poisson and hypergeometric tails match hand values', () => {
  expect(binomialTail(8, 10, 0.5)).toBeCloseTo(56 / 1024, 12);
  expect(binomialTail(0, 10, 0.5)).toBe(1);
  expect(poissonTail(3, 2)).toBeCloseTo(1 - 5 * Math.exp(-2), 12);
  expect(poissonTail(40, 2) / 1.9171583e-37).toBeCloseTo(1, 6);
  // Lady tasting tea: 4 of 4 right among 8 cups.
  expect(hypergeometricTail(4, 8, 4, 4)).toBeCloseTo(1 / 70, 12);
});

it('Benjamini–Hochberg adjusts as in the paper', () => {
  const adjusted = benjaminiHochberg([0.04, 0.01, 0.03, 0.5]);
  expect(adjusted.map((p) => +p.toFixed(4))).toEqual([0.0533, 0.04, 0.0533, 0.5]);
});

it('medians, MAD, quantiles and percentiles', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])).toBe(1);
  expect(quantile([1, 2, 3, 4, 5], 0.75)).toBe(4);
  expect(empiricalPercentile([1, 2, 3, 4], 3)).toBe(0.75);
  expect(median([])).toBeNaN();
});

describe('permutationTest', () => {
  const labels = Array.from({ length: 20 }, (_, i) => i < 10);
  it('is deterministic and finds a real difference', () => {
    const values = labels.map((label, i) => (label ? 10 : 1) + (i % 3));
    const once = permutationTest(values, labels, ratioOfMeans, { seed: 7 });
    expect(permutationTest(values, labels, ratioOfMeans, { seed: 7 })).toEqual(once);
    expect(once.pValue).toBeLessThan(0.001);
  });
  it('rejects at 5 % in at most 5 % of null samples', () => {
    const random = seededRandom(11);
    let rejected = 0;
    for (let i = 0; i < 600; i++) {
      const values = labels.map(() => -Math.log(1 - random()));
      if (permutationTest(values, labels, ratioOfMeans, { seed: i }).pValue <= 0.05) rejected += 1;
    }
    expect(rejected).toBeGreaterThan(10);
    expect(binomialTail(rejected, 600, 0.05)).toBeGreaterThan(0.001);
  });
});
