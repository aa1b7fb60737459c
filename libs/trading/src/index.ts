// model
export { Decimal, ZERO } from './model/decimal.js';
export type { Fill, Side } from './model/fill.js';
export { type Bar, lastBarBefore } from './model/bar.js';
export { type Split, adjustFillsForSplits } from './model/split.js';
export { sessionDate } from './model/session-date.js';
export { type FeeInTradeCurrency, feeInTradeCurrency } from './model/fee.js';

// lots
export type { Direction, LotMethod, OpenLot, RoundTrip } from './lots/round-trip.js';
export { type LotMatching, type MatchedLots, inTimeOrder, matchLots } from './lots/lot-matcher.js';
