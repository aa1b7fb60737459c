import { seededRandom } from './random.js';

export interface PermutationOptions {
  /** At most this many permutations; the smallest p-value possible is 1 / (it + 1). */
  permutations?: number;
  /** Stop once this many permutations reached the observed value (Besag & Clifford 1991): a p-value that is not small is known early. */
  enough?: number;
  seed?: number;
}

/**
 * One-sided permutation test of labels: how often does a random choice of the labelled items give a statistic at least as large as the
 * real one? Deterministic for a seed. Besag and Clifford's sequential p-value is valid (P(p ≤ α) ≤ α under the null).
 *
 * @param values one number per item
 * @param labels true for the items of the first group; same length
 * @param statistic of (first group, others); the arrays are reused, so do not keep them, sorting them in place is allowed
 */
export function permutationTest(
  values: ArrayLike<number>,
  labels: readonly boolean[],
  statistic: (first: Float64Array, others: Float64Array) => number,
  { permutations = 1999, enough = 30, seed = 1 }: PermutationOptions = {},
): { observed: number; pValue: number; permutations: number } {
  const n = values.length;
  const size = labels.reduce((count, label) => count + (label ? 1 : 0), 0);
  const deck = new Float64Array(n);
  let [front, back] = [0, size];
  for (let i = 0; i < n; i++) deck[labels[i] ? front++ : back++] = values[i]!;
  const first = new Float64Array(size);
  const others = new Float64Array(n - size);
  const evaluate = (): number => {
    first.set(deck.subarray(0, size));
    others.set(deck.subarray(size));
    return statistic(first, others);
  };

  const observed = evaluate();
  // Equal up to rounding counts as reached: the order of a sum must not decide.
  const reach = observed - Math.abs(observed) * 1e-12;
  const random = seededRandom(seed);
  const dealt = Math.min(size, n - size);
  let reached = 0;
  for (let round = 1; round <= permutations; round++) {
    // Dealing the smaller group anew is enough: a partial Fisher–Yates shuffle from its end of the deck.
    for (let i = 0; i < dealt; i++) {
      const [here, there] =
        size <= n - size ? [i, i + Math.floor(random() * (n - i))] : [n - 1 - i, Math.floor(random() * (n - i))];
      const kept = deck[here]!;
      deck[here] = deck[there]!;
      deck[there] = kept;
    }
    if (evaluate() >= reach) reached += 1;
    if (reached >= enough) return { observed, pValue: reached / round, permutations: round };
  }
  return { observed, pValue: (reached + 1) / (permutations + 1), permutations };
}

/** Ratio of the means, the statistic of holding times. */
export function ratioOfMeans(first: Float64Array, others: Float64Array): number {
  return mean(first) / mean(others);
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
