import type { SymbolSeries } from '../indicators/symbol-series.js';
import { binomialTail } from '../statistics/exact-tests.js';
import type { WindowTest } from './bias-tag.js';
import type { Exit } from './decision.js';

const NEAR_IN_ATR = 0.25;
const MINIMUM_EXITS = 20;
const NEIGHBOURS = 10;

type Anchor = 'ownCost' | 'yearHigh' | 'roundNumber';

/** An exit with a range to measure by. */
interface Measured {
  exit: Exit;
  series: SymbolSeries;
  t: number;
  near: number;
}

/**
 * Exits within 0.25 ATR14 of the own cost, of the 252-bar high or of a round number, more often than expected: for each exit the chance of
 * being that near is worked out (below), and the count is compared with the mean chance by a binomial test, which is on the safe side when
 * the chances differ (Hoeffding 1956). Three anchors are tried, so the smallest p-value is multiplied by three.
 */
export function anchoring(exits: readonly Exit[]): WindowTest {
  const measured = exits.flatMap((exit): Measured[] => {
    const range = exit.series?.atr14[exit.lastBar];
    return range === undefined || !(range > 0)
      ? []
      : [{ exit, series: exit.series!, t: exit.lastBar, near: NEAR_IN_ATR * range }];
  });
  const test = {
    label: 'anchoring',
    method: 'binomial test of exits near an anchor against the chance of each, smallest of three × 3',
    n: measured.length,
  } as const;
  if (measured.length < MINIMUM_EXITS) {
    return {
      ...test,
      pValue: null,
      features: { exits: measured.length },
      baseline: null,
      insight: `Needs ${MINIMUM_EXITS} exits with bars; there were ${measured.length}.`,
    };
  }
  const anchors: Record<Anchor, Outcome> = {
    ownCost: compare(measured, isNearCost, chanceNearCost),
    yearHigh: compare(measured, isNearYearHigh, chanceNearYearHigh),
    roundNumber: compare(measured, isNearRound, chanceNearRound),
  };
  const [anchor, best] = (Object.entries(anchors) as [Anchor, Outcome][]).reduce((a, b) =>
    b[1].pValue < a[1].pValue ? b : a,
  );
  const features = Object.fromEntries(
    Object.entries(anchors).flatMap(([name, outcome]) => [
      [`${name}Exits`, outcome.hits],
      [`${name}Of`, outcome.n],
      [`${name}Expected`, outcome.chance],
    ]),
  );
  return {
    ...test,
    pValue: Math.min(1, 3 * best.pValue),
    flagged: best.n > 0 && best.hits / best.n > best.chance,
    features: { anchor, ...features },
    baseline: best.chance,
    insight: `${best.hits} of ${best.n} exits were close to ${WORDS[anchor]}, where about ${Math.round(best.chance * best.n)} would be expected. That is consistent with a price that stands out deciding the exit. Asking "would I buy here today?" looks at the trade without the anchor.`,
  };
}

const WORDS: Record<Anchor, string> = {
  ownCost: 'your own cost',
  yearHigh: "the year's high",
  roundNumber: 'a round number',
};

interface Outcome {
  n: number;
  hits: number;
  chance: number;
  pValue: number;
}

/** Exits for which the anchor is near half the time anyway, or whose chance is unknown, tell nothing and are left out. */
function compare(
  all: readonly Measured[],
  isNear: (m: Measured) => boolean,
  chanceOf: (m: Measured) => number | null,
): Outcome {
  let [n, hits, chances] = [0, 0, 0];
  for (const each of all) {
    const chance = chanceOf(each);
    if (chance === null || chance > 0.5) continue;
    n += 1;
    chances += chance;
    if (isNear(each)) hits += 1;
  }
  const chance = n === 0 ? 0 : chances / n;
  return { n, hits, chance, pValue: n === 0 ? 1 : binomialTail(hits, n, chance) };
}

function isNearCost({ exit, near }: Measured): boolean {
  return Math.abs(exit.price - exit.entryPrice) <= near;
}

/** Share of the spans of the same length, up to the exit, that ended as near to their start. */
function chanceNearCost({ exit, series, t }: Measured): number | null {
  const span = Math.max(1, exit.heldBars);
  return shareOf(
    t,
    span,
    (d) => Math.abs(series.close[d]! - series.close[d - span]!) <= NEAR_IN_ATR * series.atr14[d - 1]!,
  );
}

function isNearYearHigh({ exit, series, t, near }: Measured): boolean {
  return Math.abs(exit.price - series.high252[t]!) <= near;
}

/**
 * Share of the sessions around the exit (ten before, ten after) that closed near the high. A longer comparison would not do: closeness to the
 * high comes in spells of months, so a trader's exits share it, and such a comparison fired on a third of unbiased traders.
 */
function chanceNearYearHigh({ series, t }: Measured): number | null {
  let [n, hits] = [0, 0];
  for (let d = t - NEIGHBOURS; d <= t + NEIGHBOURS; d++) {
    const distance = series.close[d]! - series.high252[d - 1]!;
    if (!Number.isFinite(distance)) continue;
    n += 1;
    if (Math.abs(distance) <= NEAR_IN_ATR * series.atr14[d - 1]!) hits += 1;
  }
  return n < NEIGHBOURS ? null : (hits + 1) / (n + 2);
}

function isNearRound({ exit, near }: Measured): boolean {
  const step = roundStep(exit.price);
  return Math.abs(exit.price - Math.round(exit.price / step) * step) <= near;
}

/** A price that falls anywhere between two round numbers is this likely to be near one. */
function chanceNearRound({ exit, near }: Measured): number {
  return Math.min(1, (2 * near) / roundStep(exit.price));
}

/** 10 for prices from 100 to 1,000, 1 from 10 to 100, and so on: a tenth of the leading digit's unit. */
function roundStep(price: number): number {
  return 10 ** (Math.floor(Math.log10(price)) - 1);
}

/** Over the last 252 bars up to `last`, with `reach` bars before each; one of each kind is assumed. Null with fewer than 60 bars. */
function shareOf(last: number, reach: number, holds: (bar: number) => boolean): number | null {
  let [n, hits] = [0, 0];
  for (let d = last; d >= Math.max(reach, 15) && n < 252; d--) {
    n += 1;
    if (holds(d)) hits += 1;
  }
  return n < 60 ? null : (hits + 1) / (n + 2);
}
