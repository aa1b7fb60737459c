import { logChoose, logGamma } from './log-gamma.js';

/** P(X ≥ k) for X ~ Binomial(n, p): the one-sided binomial test. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n || p <= 0) return 0;
  if (p >= 1) return 1;
  let sum = 0;
  for (let i = k; i <= n; i++) {
    const term = Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p));
    sum += term;
    if (i > n * p && term < sum * 1e-16) break;
  }
  return Math.min(1, sum);
}

/** P(X ≥ k) for X ~ Poisson(rate). */
export function poissonTail(k: number, rate: number): number {
  if (k <= 0) return 1;
  if (rate <= 0) return 0;
  let term = Math.exp(-rate);
  let below = 0;
  for (let i = 0; i < k; i++) {
    below += term;
    term *= rate / (i + 1);
  }
  if (below < 0.999) return 1 - below;
  // Far out, 1 − below has lost its digits: sum the tail itself.
  let tail = 0;
  for (let i = k; term > tail * 1e-16 && term > 0; i++) {
    tail += term;
    term *= rate / (i + 1);
  }
  return tail;
}

/** P(X ≥ k) for counts with a mean and a variance ≥ it: negative binomial, or Poisson when the two are equal. */
export function negativeBinomialTail(k: number, mean: number, variance: number): number {
  if (variance <= mean * (1 + 1e-9) || mean <= 0) return poissonTail(k, mean);
  const size = mean ** 2 / (variance - mean);
  const success = mean / variance;
  let below = 0;
  for (let i = 0; i < k; i++) {
    below += Math.exp(logGammaFrom(size, i) - logGamma(i + 1) + size * Math.log(success) + i * Math.log1p(-success));
  }
  return Math.max(0, 1 - below);
}

/** ln Γ(x + i) − ln Γ(x) as a sum, good for small x too. */
function logGammaFrom(x: number, i: number): number {
  let sum = 0;
  for (let j = 0; j < i; j++) sum += Math.log(x + j);
  return sum;
}

/**
 * P(X ≥ both) when `marked` of `n` items carry one mark, `drawn` carry another, and the two are dealt independently: Fisher's exact test,
 * one-sided. It is the permutation test of a 2 × 2 table worked out in full instead of sampled.
 */
export function hypergeometricTail(both: number, n: number, marked: number, drawn: number): number {
  const most = Math.min(marked, drawn);
  const whole = logChoose(n, drawn);
  let sum = 0;
  for (let i = Math.max(both, drawn + marked - n, 0); i <= most; i++) {
    sum += Math.exp(logChoose(marked, i) + logChoose(n - marked, drawn - i) - whole);
  }
  return Math.min(1, sum);
}

/** P(Z ≥ z) for a standard normal Z (Abramowitz & Stegun 26.2.17, absolute error below 7.5e-8). */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * series;
}
