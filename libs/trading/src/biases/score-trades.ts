import type { OpenLot, RoundTrip } from '../lots/round-trip.js';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.js';
import { seedOf } from '../statistics/random.js';
import { anchoring } from './anchoring.js';
import { attention } from './attention.js';
import { averagingDown } from './averaging-down.js';
import {
  type BiasLabel,
  type BiasTag,
  LEVEL,
  type TradeTag,
  type WindowFinding,
  type WindowTest,
  tagId,
} from './bias-tag.js';
import { chasing } from './chasing.js';
import { disposition } from './disposition.js';
import { earlyExit } from './early-exit.js';
import { holdingLosers } from './holding-losers.js';
import { lottery } from './lottery.js';
import { overconfidence } from './overconfidence.js';
import { overtrading } from './overtrading.js';
import { revenge } from './revenge.js';
import { type HistoryInput, type TradeHistory, tradeHistory } from './trade-history.js';

export interface ScoringInput extends HistoryInput {
  /** Half-open [since, until) of what is tagged; null is open. Fills before it are still needed: they are lots and baselines. */
  window?: { since: Date | null; until: Date | null };
  /** Bars after an exit that an early exit is judged by. */
  horizonBars?: number;
  /** For the turnover; null when equity is unknown. */
  meanPortfolioValue?: number | null;
}

export interface Scoring {
  /** Of both scopes, in time order. */
  tags: BiasTag[];
  /** One per window label, whatever came of it. */
  findings: WindowFinding[];
  /** All of them, also those before the window. */
  roundTrips: RoundTrip[];
  openLots: OpenLot[];
  /** Fills inside the window. */
  trades: number;
  labels: { label: BiasLabel; count: number }[];
  symbolsWithoutBars: string[];
}

/**
 * Scores one user's trades: matches lots, describes every decision by the bars before it, and asks each bias whether it is there beyond
 * chance. Window labels are corrected for one another by Benjamini & Hochberg; labels without enough data take no part. Nothing random:
 * the same input gives the same tags with the same ids.
 *
 * Throws RangeError if the fills belong to several users.
 */
export function scoreTrades(input: ScoringInput): Scoring {
  const { window = { since: null, until: null }, horizonBars = 10, meanPortfolioValue = null } = input;
  const { since, until } = window;
  const fills = until === null ? input.fills : input.fills.filter((fill) => fill.at < until);
  const stranger = fills.find((fill) => fill.userId !== fills[0]!.userId);
  if (stranger) throw new RangeError(`Score one user at a time: fill ${stranger.id} is of another user than the first`);
  const history = tradeHistory({ ...input, fills });
  const inWindow = (at: Date): boolean => since === null || at >= since;

  const afterLosses = revenge(history.entries, history.exits, history.datesOnly, inWindow);
  const tradeTags = [
    ...history.entries.flatMap((entry) =>
      inWindow(entry.at) ? [chasing(entry), attention(entry), lottery(entry)] : [],
    ),
    ...history.exits.map((exit) => (inWindow(exit.at) ? earlyExit(exit, horizonBars) : null)),
    ...averagingDown(history.entries),
    ...afterLosses.tags,
  ].filter((tag): tag is TradeTag => tag !== null && inWindow(tag.at));
  const findings = correct([...windowTests(history, inWindow, input, meanPortfolioValue), afterLosses.window]);

  const tags = [...identify(tradeTags, history), ...windowTags(findings, history, since)];
  tags.sort((a, b) => a.at.getTime() - b.at.getTime());
  return {
    tags,
    findings,
    roundTrips: history.roundTrips,
    openLots: history.openLots,
    trades: fills.filter((fill) => inWindow(fill.at)).length,
    labels: countLabels(tags),
    symbolsWithoutBars: history.symbolsWithoutBars,
  };
}

function windowTests(
  history: TradeHistory,
  inWindow: (at: Date) => boolean,
  input: ScoringInput,
  meanPortfolioValue: number | null,
): WindowTest[] {
  const exits = history.exits.filter((exit) => inWindow(exit.at));
  const entries = history.entries.filter((entry) => inWindow(entry.at));
  const seed = seedOf(history.userId);
  return [
    disposition(history.saleDays.filter((day) => inWindow(day.at))),
    holdingLosers(exits, seed),
    overtrading({
      entries,
      exits,
      feesByDate: history.feesByDate,
      sessions: sessionsOf(entries, exits, input),
      meanPortfolioValue,
    }),
    overconfidence(history.entries, history.exits, inWindow, seed),
    anchoring(exits),
  ];
}

/** Sessions from the first to the last decision: the dates of the longest bar series, and every date with a decision. */
function sessionsOf(entries: TradeHistory['entries'], exits: TradeHistory['exits'], input: ScoringInput): string[] {
  const decided = [...entries, ...exits].map((decision) => decision.date).sort();
  const [first, last] = [decided[0], decided[decided.length - 1]];
  if (first === undefined || last === undefined) return [];
  let longest: readonly { date: string }[] = [];
  for (const bars of input.barsBySymbol.values()) if (bars.length > longest.length) longest = bars;
  const dates = new Set(decided);
  for (const { date } of longest) if (date >= first && date <= last) dates.add(date);
  return [...dates];
}

function correct(tests: readonly WindowTest[]): WindowFinding[] {
  const tested = tests.filter((test): test is Extract<WindowTest, { pValue: number }> => test.pValue !== null);
  const adjusted = benjaminiHochberg(tested.map((test) => test.pValue));
  return tests.map((test): WindowFinding => {
    const { label, features, method, n, baseline, insight } = test;
    const base = { label, features, method, n, baseline, insight };
    if (test.pValue === null) {
      return { ...base, status: 'insufficient_data', confidence: null, pValue: null, adjustedPValue: null };
    }
    const adjustedPValue = adjusted[tested.indexOf(test)]!;
    const tagged = test.flagged && adjustedPValue <= LEVEL;
    return {
      ...base,
      status: tagged ? 'tagged' : 'not_tagged',
      confidence: test.confidence ?? 1 - test.pValue,
      pValue: test.pValue,
      adjustedPValue,
    };
  });
}

function countLabels(tags: readonly BiasTag[]): { label: BiasLabel; count: number }[] {
  const counts = new Map<BiasLabel, number>();
  for (const { label } of tags) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count }));
}

function identify(tags: readonly TradeTag[], history: TradeHistory): BiasTag[] {
  const tripByEntry = new Map<string, string>();
  const tripByExit = new Map<string, string>();
  for (const trip of history.roundTrips) {
    if (!tripByEntry.has(trip.entryFillId)) tripByEntry.set(trip.entryFillId, trip.id);
    if (!tripByExit.has(trip.exitFillId)) tripByExit.set(trip.exitFillId, trip.id);
  }
  return tags.map((tag) => ({
    ...tag,
    id: tagId(history.userId, tag.label, 'trade', tag.fillId),
    userId: history.userId,
    scope: 'trade',
    roundTripId: (tag.label === 'early_exit' ? tripByExit : tripByEntry).get(tag.fillId) ?? null,
  }));
}

function windowTags(findings: readonly WindowFinding[], history: TradeHistory, since: Date | null): BiasTag[] {
  const last = history.fills[history.fills.length - 1];
  if (last === undefined) return [];
  return findings
    .filter((finding) => finding.status === 'tagged')
    .map(({ label, confidence, features, method, n, baseline, insight, pValue, adjustedPValue }) => ({
      id: tagId(history.userId, label, 'window', since?.toISOString() ?? 'all', last.id),
      userId: history.userId,
      label,
      scope: 'window',
      symbol: null,
      fillId: null,
      roundTripId: null,
      at: last.at,
      confidence: confidence!,
      features: { ...features, pValue, adjustedPValue },
      method,
      n,
      baseline,
      insight,
    }));
}
