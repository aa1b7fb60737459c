import { permutationTest, ratioOfMeans } from '../statistics/permutation-test.js';
import type { WindowTest } from './bias-tag.js';
import type { Exit } from './decision.js';

const MINIMUM_EACH = 10;
const DAY = 86_400_000;

/**
 * Losers held longer than winners: a permutation test of the win and loss labels on the ratio of the mean holding times, over ≥ 10 of each.
 * The usual fixed rules do not control anything: "≥ 1.2 times" fires on 34 % of unbiased traders at 10 + 10, "≥ 1.5 times" on 19 %.
 * One observation per position: the parts of one position win or lose together, and counting them apart made the test fire on 7 %.
 */
export function holdingLosers(exits: readonly Exit[], seed: number): WindowTest {
  const decided = positions(exits).filter((position) => position.pnl !== 0);
  const lost = decided.map((position) => position.pnl < 0);
  const losers = lost.filter(Boolean).length;
  const winners = decided.length - losers;
  const test = {
    label: 'holding_losers',
    method: 'permutation of win/loss labels, ratio of mean holding times',
    n: decided.length,
  } as const;
  if (losers < MINIMUM_EACH || winners < MINIMUM_EACH) {
    return {
      ...test,
      pValue: null,
      features: { winners, losers },
      baseline: null,
      insight: `Needs ${MINIMUM_EACH} winners and ${MINIMUM_EACH} losers; there were ${winners} and ${losers}.`,
    };
  }
  const held = decided.map((position) => position.held / position.quantity / DAY);
  const { observed, pValue, permutations } = permutationTest(held, lost, ratioOfMeans, { seed });
  const loserDays = mean(held.filter((_, i) => lost[i]));
  const winnerDays = mean(held.filter((_, i) => !lost[i]));
  return {
    ...test,
    pValue,
    flagged: observed > 1,
    features: {
      winners,
      losers,
      meanDaysOfLosers: loserDays,
      meanDaysOfWinners: winnerDays,
      ratio: observed,
      permutations,
    },
    baseline: 1,
    insight: `Losing trades were held ${loserDays.toFixed(1)} days on average, winning ones ${winnerDays.toFixed(1)}. That is consistent with giving losers more time than winners. A time limit set at the entry is one way to even it out.`,
  };
}

function positions(exits: readonly Exit[]): { pnl: number; held: number; quantity: number }[] {
  const all = new Map<string, { pnl: number; held: number; quantity: number }>();
  for (const { positionId, pnl, heldMilliseconds, quantity } of exits) {
    const position = all.get(positionId) ?? { pnl: 0, held: 0, quantity: 0 };
    position.pnl += pnl;
    position.held += heldMilliseconds * quantity;
    position.quantity += quantity;
    all.set(positionId, position);
  }
  return [...all.values()];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
