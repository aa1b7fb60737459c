import { logBeta } from './log-gamma.js';

/**
 * P(θ₁ > θ₂) when θ₁ ~ Beta(1 + hits₁, 1 + misses₁) and θ₂ ~ Beta(1 + hits₂, 1 + misses₂), independent: two shares seen with a uniform
 * prior. Exact: the closed sum over the integer parameter (E. Miller, "Formulas for Bayesian A/B testing"), not a simulation.
 *
 *   P(θ₁ > θ₂) = Σ_{i=0}^{hits₁} B(a₂ + i, b₁ + b₂) / ((b₁ + i) · B(1 + i, b₁) · B(a₂, b₂))
 */
export function probabilityGreater(hits1: number, misses1: number, hits2: number, misses2: number): number {
  for (const count of [hits1, misses1, hits2, misses2]) {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`Counts are whole numbers ≥ 0, not ${count}`);
  }
  const b1 = 1 + misses1;
  const [a2, b2] = [1 + hits2, 1 + misses2];
  const base = logBeta(a2, b2);
  let sum = 0;
  for (let i = 0; i <= hits1; i++)
    sum += Math.exp(logBeta(a2 + i, b1 + b2) - Math.log(b1 + i) - logBeta(1 + i, b1) - base);
  return Math.min(1, sum);
}
