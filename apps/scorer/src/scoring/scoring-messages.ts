import type { Bar, BiasTag, RoundTripRow, StoredFill } from '@roundhouse/trading';
import type { ScoredFills, ScoringOptions } from './score-fills.js';

/** To the scoring thread: any number of fills and bars, then the order to score them. */
export type ScoringInbound =
  | { type: 'fills'; fills: StoredFill[] }
  | { type: 'bars'; bars: [string, Bar[]] }
  | { type: 'score'; options: ScoringOptions };

/** From it: any number of round trips and tags, then the rest; or the failure. */
export type ScoringOutbound =
  | { type: 'roundTrips'; roundTrips: RoundTripRow[] }
  | { type: 'tags'; tags: BiasTag[] }
  | { type: 'done'; rest: Omit<ScoredFills, 'roundTrips' | 'tags'> }
  | { type: 'failed'; error: Error };

/** Copying a message blocks both sides; this many rows take a few milliseconds. */
export const rowsPerMessage = 1000;

export function* slices<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += rowsPerMessage) yield rows.slice(at, at + rowsPerMessage);
}
