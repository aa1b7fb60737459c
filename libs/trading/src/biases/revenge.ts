import { hypergeometricTail } from '../statistics/exact-tests.js';
import { median, quantileOfSorted } from '../statistics/quantiles.js';
import { LEVEL, type TradeTag, type WindowTest } from './bias-tag.js';
import type { Entry, Exit } from './decision.js';

const SOON = 60 * 60_000;
const SIZE_UP = 1.25;
const PRIOR_ENTRIES = 20;
const MINIMUM_LOSSES = 5;

/** An exit with the entry that came next, if it came before any other exit. */
interface Reaction {
  exit: Exit;
  entry: Entry | null;
  /** Loss at or beyond the 75th percentile of the user's losses before it. */
  largeLoss: boolean;
  /** The entry came within the hour, with a larger size or in the same symbol. */
  charged: boolean;
  sizeRatio: number | null;
}

export interface RevengeResult {
  tags: TradeTag[];
  window: WindowTest;
}

/**
 * Re-entering soon after a large loss, larger or in the same symbol. Whether the loss has to do with it is asked by permuting which exits
 * were the large losses: with two marks per exit that permutation test is Fisher's exact test, worked out in full. A trade is tagged if the
 * pattern stands out in what was known by then; the window is judged on all of it.
 *
 * @param inWindow which moments belong to the window; earlier ones only set the user's own measure
 * @param datesOnly fills without times: "within the hour" becomes "in the same or the next session"
 */
export function revenge(
  entries: readonly Entry[],
  exits: readonly Exit[],
  datesOnly: boolean,
  inWindow: (at: Date) => boolean,
): RevengeResult {
  const tags: TradeTag[] = [];
  const seen: Tally = { n: 0, large: 0, charged: 0, both: 0 };
  const windowed: Tally = { n: 0, large: 0, charged: 0, both: 0 };
  for (const reaction of reactions(entries, exits, datesOnly)) {
    count(seen, reaction);
    if (inWindow(reaction.exit.at)) count(windowed, reaction);
    if (!reaction.charged || !reaction.largeLoss) continue;
    const confidence = 1 - tail(seen);
    if (confidence >= 1 - LEVEL) tags.push(tradeTag(reaction, seen, confidence));
  }
  return { tags, window: windowTest(windowed) };
}

interface Tally {
  n: number;
  large: number;
  charged: number;
  both: number;
}

function count(tally: Tally, { largeLoss, charged }: Reaction): void {
  tally.n += 1;
  if (largeLoss) tally.large += 1;
  if (charged) tally.charged += 1;
  if (largeLoss && charged) tally.both += 1;
}

function tail({ n, large, charged, both }: Tally): number {
  return hypergeometricTail(both, n, large, charged);
}

/** Exits paired with the entry that follows them, in time order, once there are enough losses before to say what a large one is. */
function* reactions(entries: readonly Entry[], exits: readonly Exit[], datesOnly: boolean): Generator<Reaction> {
  const losses: number[] = [];
  let next = 0;
  for (let i = 0; i < exits.length; i++) {
    const exit = exits[i]!;
    while (next < entries.length && (entries[next]!.at < exit.at || entries[next]!.fillId === exit.fillId)) next += 1;
    const candidate = entries[next];
    const following = exits[i + 1];
    const entry =
      candidate !== undefined && (following === undefined || candidate.at <= following.at) ? candidate : null;
    if (losses.length >= MINIMUM_LOSSES) {
      const largeLoss = exit.pnl < 0 && -exit.pnl >= quantileOfSorted(losses, 0.75);
      yield { exit, entry, largeLoss, ...reactionOf(exit, entry, entries, next, datesOnly) };
    }
    if (exit.pnl < 0) insertSorted(losses, -exit.pnl);
  }
}

function reactionOf(
  exit: Exit,
  entry: Entry | null,
  entries: readonly Entry[],
  index: number,
  datesOnly: boolean,
): Pick<Reaction, 'charged' | 'sizeRatio'> {
  if (entry === null) return { charged: false, sizeRatio: null };
  const gap = entry.at.getTime() - exit.at.getTime();
  // One calendar day reaches the next session except across a weekend, which is a pause anyway.
  const soon = datesOnly ? gap <= 86_400_000 : gap <= SOON;
  if (!soon) return { charged: false, sizeRatio: null };
  const prior = entries.slice(Math.max(0, index - PRIOR_ENTRIES), index).map((other) => other.notional);
  const sizeRatio = prior.length < PRIOR_ENTRIES ? null : entry.notional / median(prior);
  return { charged: (sizeRatio !== null && sizeRatio >= SIZE_UP) || entry.symbol === exit.symbol, sizeRatio };
}

function insertSorted(values: number[], value: number): void {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  values.splice(low, 0, value);
}

const METHOD = "Fisher's exact test (every permutation of which exits were large losses)";

function tradeTag({ exit, entry, sizeRatio }: Reaction, seen: Tally, confidence: number): TradeTag {
  const minutes = (entry!.at.getTime() - exit.at.getTime()) / 60_000;
  return {
    label: 'revenge',
    symbol: entry!.symbol,
    fillId: entry!.fillId,
    at: entry!.at,
    confidence,
    features: {
      minutesSinceLoss: minutes,
      loss: exit.pnl,
      lossFillId: exit.fillId,
      sameSymbol: entry!.symbol === exit.symbol,
      sizeRatio,
      ...shares(seen),
    },
    method: `${METHOD}, up to this entry`,
    n: seen.n,
    baseline: (seen.charged - seen.both) / Math.max(1, seen.n - seen.large),
    insight: `This entry came ${minutes < 1 ? 'right' : `${Math.round(minutes)} minutes`} after one of your larger losses, ${entry!.symbol === exit.symbol ? 'in the same symbol' : 'with more than your usual size'}. That is consistent with trading to win a loss back. A fixed pause after a large loss keeps the next decision a fresh one.`,
  };
}

function shares({ n, large, charged, both }: Tally): Record<string, number> {
  return { exits: n, largeLosses: large, quickReentries: charged, quickReentriesAfterLargeLosses: both };
}

function windowTest(tally: Tally): WindowTest {
  const test = { label: 'revenge', method: METHOD, n: tally.n, features: shares(tally) } as const;
  if (tally.large < MINIMUM_LOSSES || tally.n - tally.large < MINIMUM_LOSSES) {
    return {
      ...test,
      pValue: null,
      baseline: null,
      insight: `Needs at least ${MINIMUM_LOSSES} large losses and ${MINIMUM_LOSSES} other exits; there were ${tally.large} and ${tally.n - tally.large}.`,
    };
  }
  const baseline = (tally.charged - tally.both) / (tally.n - tally.large);
  return {
    ...test,
    pValue: tail(tally),
    flagged: tally.both / tally.large > baseline,
    baseline,
    insight: `After ${tally.both} of your ${tally.large} larger losses a quick, larger or same-symbol entry followed; after other exits that happened ${Math.round(baseline * 100)} % of the time. That is consistent with trading to win losses back. A fixed pause after a large loss is a small rule that helps many traders.`,
  };
}
