import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FillPage, FillWindow, RawFill, RowError } from '../fills/broker.js';
import { decodeCursor, encodeCursor, isCount } from '../fills/cursor.js';
import { interrupted, type ByteProgress } from './file-bytes.js';

/** What became of one row of a file. */
export type RowOutcome = { fill: RawFill } | { error: RowError } | { skipped: true };

export const ROWS_PER_PAGE = 500;
/** Reading rows that are at hand already keeps the process busy: after this long it gets to breathe. */
const TURN_MS = 20;

export interface FileReading {
  /** Name of the format; a cursor of another format is refused. */
  format: string;
  /** Name of the file, for messages. */
  name: string;
  rows: AsyncIterable<RowOutcome>;
  progress: ByteProgress;
}

function emptyPage(): Omit<FillPage, 'cursor' | 'fraction'> {
  return { fills: [], rowErrors: [], fetched: 0, skipped: 0 };
}

function done({ read, size }: ByteProgress): number | undefined {
  return size ? Math.min(read / size, 0.99) : undefined;
}

/**
 * The rows of a file in pages of 500. The cursor is the number of rows read: a file is read from its beginning again
 * (ids without a column depend on the rows before), but pages up to the cursor are not repeated.
 */
export async function* filePages(
  reading: FileReading,
  window: FillWindow,
  cursor: string | undefined,
  signal: AbortSignal,
): AsyncIterable<FillPage> {
  const start = decodeCursor<{ row: number }>(reading.format, cursor, (state) => isCount(state.row))?.row ?? 0;
  let row = 0;
  let turn = performance.now();
  let page = emptyPage();
  let ids = new Set<string>();
  for await (const outcome of reading.rows) {
    row++;
    if (row > start) {
      if ('error' in outcome) page.rowErrors.push(outcome.error);
      else if ('fill' in outcome && isIn(window, outcome.fill) && !ids.has(outcome.fill.extId)) {
        ids.add(outcome.fill.extId);
        page.fills.push(outcome.fill);
      } else page.skipped++;
    }
    if (performance.now() - turn > TURN_MS) {
      await nextTurn();
      turn = performance.now();
    }
    if (signal.aborted) throw interrupted(signal, reading.name);
    if (row % ROWS_PER_PAGE !== 0 || row <= start) continue;
    yield { ...counted(page), cursor: encodeCursor(reading.format, { row }), fraction: done(reading.progress) };
    page = emptyPage();
    ids = new Set();
  }
  yield { ...counted(page), cursor: encodeCursor(reading.format, { row: Math.max(row, start) }), fraction: 1 };
}

function counted<T extends Pick<FillPage, 'fills' | 'rowErrors' | 'fetched'>>(page: T): T {
  return { ...page, fetched: page.fills.length + page.rowErrors.length };
}

function isIn({ since, until }: FillWindow, { at }: RawFill): boolean {
  return since <= at && at < until;
}
