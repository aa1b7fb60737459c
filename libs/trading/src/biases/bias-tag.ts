import { parse, v5 } from 'uuid';

/** Herding is not among them: it cannot be told from one person's trades. High relative volume is called attention instead. */
export type BiasLabel =
  | 'disposition'
  | 'holding_losers'
  | 'early_exit'
  | 'averaging_down'
  | 'overtrading'
  | 'revenge'
  | 'chasing'
  | 'overconfidence'
  | 'anchoring'
  | 'lottery'
  | 'attention';

/** Nominal level of every label: at most this share of decisions (trade scope) or windows of an unbiased trader is tagged. */
export const LEVEL = 0.05;

export type Features = Record<string, number | string | boolean | null>;

/** What was found, with what it rests on. It describes trades, never a person. */
export interface BiasTag {
  /** Stable: scoring the same trades again gives the same ids. */
  id: string;
  userId: string;
  label: BiasLabel;
  scope: 'trade' | 'window';
  /** Null for window scope. */
  symbol: string | null;
  fillId: string | null;
  roundTripId: string | null;
  /** The fill's time, or the time of the window's last fill. */
  at: Date;
  /** 0…1; how it was worked out stands in `method`. It is not a probability of the person having a bias. */
  confidence: number;
  features: Features;
  method: string;
  /** Observations the confidence rests on. */
  n: number;
  /** What chance alone would give, in the units of the method (a share, a rate); null where there is no such figure. */
  baseline: number | null;
  insight: string;
}

/** A window label's outcome; every one is reported, so that silence is never mistaken for a clean bill. */
export interface WindowFinding {
  label: BiasLabel;
  status: 'tagged' | 'not_tagged' | 'insufficient_data';
  /** Null with insufficient data, like the p-values. */
  confidence: number | null;
  pValue: number | null;
  /** After Benjamini–Hochberg over the labels that had enough data. */
  adjustedPValue: number | null;
  features: Features;
  method: string;
  n: number;
  baseline: number | null;
  /** Said only if it is tagged; with insufficient data: what is missing. */
  insight: string;
}

/** A window label before the correction for how many labels were tried. `flagged` holds the conditions beside the p-value. */
export type WindowTest = Pick<WindowFinding, 'label' | 'features' | 'method' | 'n' | 'baseline' | 'insight'> &
  ({ pValue: number; flagged: boolean; confidence?: number } | { pValue: null });

/** A trade tag before it gets its id and its round trip. */
export type TradeTag = Pick<
  BiasTag,
  'label' | 'symbol' | 'fillId' | 'at' | 'confidence' | 'features' | 'method' | 'n' | 'baseline' | 'insight'
> & {
  fillId: string;
};

/** Parsed once: ids are made by the ten thousand. */
const NAMESPACE = parse('0d8c0a52-60ad-5f0c-9f0e-0c3c2a1f7e64');

export function tagId(...parts: string[]): string {
  return v5(parts.join('|'), NAMESPACE);
}
