import {
  adjustFillsForSplits,
  type Bar,
  type BiasTag,
  fillOfRow,
  type LotMethod,
  matchLots,
  rowOfRoundTrip,
  type RoundTripRow,
  type Scoring,
  scoreTrades,
  type StoredFill,
  Decimal,
  type WindowFinding,
} from '@roundhouse/trading';

/** Everything a scoring needs, in a form that can be sent to a thread. */
export interface ScoringJob {
  /** All of one user's fills, in time order. */
  fills: StoredFill[];
  /** By symbol, sorted by date. */
  bars: [string, Bar[]][];
  options: ScoringOptions;
}

export interface ScoringOptions {
  method: LotMethod;
  /** Half-open; null is open. */
  since: Date | null;
  until: Date | null;
  /** Ratios as decimal text. Only of symbols with bars restated for them. */
  splits: { symbol: string; date: string; ratio: string }[];
  meanPortfolioValue: number | null;
  /** Zone of the sessions. */
  marketZone: string;
}

export interface ScoredFills {
  /** Of all fills, also those outside the window. */
  roundTrips: RoundTripRow[];
  tags: BiasTag[];
  findings: WindowFinding[];
  /** Fills in the window. */
  trades: number;
  labels: Scoring['labels'];
  symbolsWithoutBars: string[];
}

/** CPU work: about 20 000 fills a second. */
export function scoreFills({ fills: rows, bars, options }: ScoringJob): ScoredFills {
  const { method, since, until, meanPortfolioValue, marketZone } = options;
  const splits = options.splits.map((split) => ({ ...split, ratio: new Decimal(split.ratio) }));
  const fills = adjustFillsForSplits(rows.map(fillOfRow), splits, marketZone);
  const scoring = scoreTrades({
    fills,
    barsBySymbol: new Map(bars),
    method,
    window: { since, until },
    meanPortfolioValue,
    marketZone,
  });
  // A scoring ends with its window; the lots of the fills after it may have changed as well.
  const last = fills.at(-1);
  const isWhole = until === null || last === undefined || last.at < until;
  const roundTrips = isWhole ? scoring.roundTrips : matchLots(fills, { method, marketZone }).roundTrips;
  const { tags, findings, trades, labels, symbolsWithoutBars } = scoring;
  return { roundTrips: roundTrips.map(rowOfRoundTrip), tags, findings, trades, labels, symbolsWithoutBars };
}
