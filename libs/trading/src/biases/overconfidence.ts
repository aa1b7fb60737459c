import { permutationTest } from '../statistics/permutation-test.js';
import { quantileOfSorted } from '../statistics/quantiles.js';
import type { WindowTest } from './bias-tag.js';
import type { Entry, Exit } from './decision.js';

const STREAK = 3;
const MINIMUM_EACH = 8;
const LARGER = Math.log(1.25);

/**
 * Larger positions after a run of wins: Δ = median ln(notional) of openings after ≥ 3 wins in a row − the same of all others; a permutation
 * test of the labels gives p, and only Δ ≥ ln 1.25 is worth a remark.
 */
export function overconfidence(
  entries: readonly Entry[],
  exits: readonly Exit[],
  inWindow: (at: Date) => boolean,
  seed: number,
): WindowTest {
  const sizes: number[] = [];
  const afterWins: boolean[] = [];
  let streak = 0;
  let next = 0;
  for (const entry of entries) {
    for (; next < exits.length && exits[next]!.at <= entry.at; next++) streak = exits[next]!.pnl > 0 ? streak + 1 : 0;
    if (entry.kind !== 'open' || !inWindow(entry.at)) continue;
    sizes.push(Math.log(entry.notional));
    afterWins.push(streak >= STREAK);
  }
  const after = afterWins.filter(Boolean).length;
  const test = {
    label: 'overconfidence',
    method: 'permutation of labels, difference of median ln(notional)',
    n: sizes.length,
  } as const;
  if (after < MINIMUM_EACH || sizes.length - after < MINIMUM_EACH) {
    return {
      ...test,
      pValue: null,
      features: { entriesAfterWins: after, otherEntries: sizes.length - after },
      baseline: null,
      insight: `Needs ${MINIMUM_EACH} entries after ${STREAK} wins in a row and ${MINIMUM_EACH} others; there were ${after} and ${sizes.length - after}.`,
    };
  }
  const { observed, pValue } = permutationTest(sizes, afterWins, differenceOfMedians, { seed });
  const larger = Math.round((Math.exp(observed) - 1) * 100);
  return {
    ...test,
    pValue,
    flagged: observed >= LARGER,
    features: {
      delta: observed,
      sizeRatio: Math.exp(observed),
      entriesAfterWins: after,
      otherEntries: sizes.length - after,
    },
    baseline: 0,
    insight: `After three wins in a row your positions were ${larger} % larger than otherwise. That is consistent with confidence growing with recent wins. Sizing by a rule (a share of equity, or of the range) keeps a good run from deciding the size.`,
  };
}

function differenceOfMedians(first: Float64Array, others: Float64Array): number {
  return quantileOfSorted(first.sort(), 0.5) - quantileOfSorted(others.sort(), 0.5);
}
