import { parse } from 'csv-parse/sync';
import type { TextLine } from './text-lines.js';

export interface CsvRecord {
  /** Line it begins on. */
  line: number;
  cells: string[];
}

/** A line that no record can be made of. */
export interface CsvBrokenLine {
  line: number;
  /** The line as it stands. */
  broken: string;
}

/** A quoted cell may go over this many lines and characters; a quote that is never closed costs no more than its own line. */
const MOST_LINES = 20;
const MOST_CHARACTERS = 16 * 1024;

function quotesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
}

function cellsOf(text: string, delimiter: string): string[] | undefined {
  try {
    return parse(text, { delimiter, relax_column_count: true })[0];
  } catch {
    return undefined; // the caller reports the line
  }
}

/**
 * CSV records with line numbers. A library parses each record; the lines of one are found here (quotes come in pairs),
 * because a stream parser that meets one stray quote loses every row up to the next quote. Blank lines are left out.
 */
export async function* csvRecords(
  lines: AsyncIterable<TextLine>,
  delimiter: string,
): AsyncIterable<CsvRecord | CsvBrokenLine> {
  const source = lines[Symbol.asyncIterator]();
  const ahead: TextLine[] = [];
  try {
    for (;;) {
      const first = ahead.shift() ?? (await source.next()).value;
      if (first === undefined) return;
      if (first.text.trim() === '') continue;
      let quotes = quotesIn(first.text);
      if (quotes === 0) {
        yield { line: first.number, cells: first.text.split(delimiter) };
        continue;
      }
      let text: string = first.text;
      let taken = 0;
      while (quotes % 2 !== 0 && taken < MOST_LINES && text.length < MOST_CHARACTERS) {
        if (taken === ahead.length) {
          const next = await source.next();
          if (next.done) break;
          ahead.push(next.value);
        }
        const more = ahead[taken++]!.text;
        text += `\n${more}`;
        quotes += quotesIn(more);
      }
      const whole = quotes % 2 === 0 && text.length < MOST_CHARACTERS;
      const cells = whole ? cellsOf(text, delimiter) : undefined;
      if (cells) ahead.splice(0, taken);
      yield cells ? { line: first.number, cells } : { line: first.number, broken: first.text };
    }
  } finally {
    await source.return?.();
  }
}
