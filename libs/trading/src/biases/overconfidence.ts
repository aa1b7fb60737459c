import { permutationTest } from '../statistics/permutation-test.js';
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
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[a]! - sizes[b]!);
  const { observed, pValue } = permutationTest(
    order.map((_, rank) => rank),
    order.map((i) => afterWins[i]!),
    differenceOfMedians(Float64Array.from(order, (i) => sizes[i]!)),
    { seed },
  );
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

/**
 * The statistic on ranks: the values are sorted once, and the medians of the two groups are found by one walk along them, which is what
 * makes thousands of permutations cheap. `first` and `others` hold ranks.
 */
function differenceOfMedians(sorted: Float64Array): (first: Float64Array) => number {
  const marks = new Uint8Array(sorted.length);
  return (first) => {
    marks.fill(0);
    for (let i = 0; i < first.length; i++) marks[first[i]!] = 1;
    return medianOf(sorted, marks, 1, first.length) - medianOf(sorted, marks, 0, sorted.length - first.length);
  };
}

function medianOf(sorted: Float64Array, marks: Uint8Array, mark: number, count: number): number {
  const [lower, upper] = [(count - 1) >> 1, count >> 1];
  let low = 0;
  for (let i = 0, seen = 0; i < sorted.length; i++) {
    if (marks[i] !== mark) continue;
    if (seen === lower) low = sorted[i]!;
    if (seen === upper) return (low + sorted[i]!) / 2;
    seen += 1;
  }
  return low;
}
