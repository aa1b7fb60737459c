import { JobFailure } from '@roundhouse/jobs';
import { csvRecords, type CsvRecord } from './csv-records.js';
import { fileChunks, progressOf, type ByteProgress, type FillFile } from './file-bytes.js';
import type { RowOutcome } from './file-pages.js';
import { readRow, rowError, RowProblem, shown } from '../fills/row-problem.js';
import { textLines, type TextLine } from './text-lines.js';

/** One row below the header; cells by header name, trimmed, '' where the row or the column has none. */
export interface CsvRow {
  line: number;
  cells: readonly string[];
  cell(column: string): string;
}

export interface CsvTable {
  /** As they stand in the file. */
  header: readonly string[];
  delimiter: string;
  /** The rows among the file's first 200 lines (64 KiB), to find out how the file writes things. */
  sample: readonly CsvRow[];
  /** The outcome of `read` for every row below the header; its RowProblems become row errors. */
  outcomes(read: (row: CsvRow) => RowOutcome): AsyncIterable<RowOutcome>;
  progress: ByteProgress;
}

const DELIMITERS = [',', ';', '\t', '|'];
const SAMPLE_LINES = 200;
const SAMPLE_CHARACTERS = 64 * 1024;
/** Brokers put a title and the account above the header. */
const HEADER_WITHIN = 20;

const normal = (name: string): string => name.trim().toLowerCase();

async function* replay(first: readonly TextLine[], rest?: AsyncIterator<TextLine>): AsyncIterable<TextLine> {
  try {
    yield* first;
    if (!rest) return;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest?.return?.();
  }
}

interface Candidate {
  delimiter: string;
  header: CsvRecord;
  missing: string[];
}

/** The record and the delimiter under which most of the required columns are found; the wider record wins a tie. */
async function findHeader(sample: readonly TextLine[], required: readonly string[]): Promise<Candidate | undefined> {
  let best: Candidate | undefined;
  for (const delimiter of DELIMITERS) {
    let seen = 0;
    for await (const record of csvRecords(replay(sample), delimiter)) {
      if (seen++ === HEADER_WITHIN) break;
      if (!('cells' in record)) continue;
      const names = new Set(record.cells.map(normal));
      const missing = required.filter((column) => !names.has(normal(column)));
      const fewer = !best || missing.length < best.missing.length;
      const wider = best && missing.length === best.missing.length && record.cells.length > best.header.cells.length;
      if (fewer || (wider && missing.length > 0)) best = { delimiter, header: record, missing };
    }
  }
  return best;
}

function checkHeader(name: string, found: Candidate | undefined, field: string): asserts found is Candidate {
  if (!found) throw new JobFailure('INVALID_INPUT', `${name} is empty; export the trades again`, { field: 'file' });
  if (found.missing.length > 0) {
    const missing = found.missing.map((column) => `"${column}"`).join(', ');
    const columns = found.header.cells
      .slice(0, 50)
      .map((cell) => shown(cell.trim()))
      .join(', ');
    throw new JobFailure('INVALID_INPUT', `${name} has no column ${missing}. Its columns are: ${columns}`, { field });
  }
}

function columnIndex(
  name: string,
  header: readonly string[],
  used: readonly string[],
  field: string,
): Map<string, number> {
  const index = new Map<string, number>();
  const twice = new Set<string>();
  header.forEach((cell, at) => {
    if (index.has(normal(cell))) twice.add(normal(cell));
    else index.set(normal(cell), at);
  });
  const ambiguous = used.find((column) => twice.has(normal(column)));
  if (ambiguous)
    throw new JobFailure('INVALID_INPUT', `${name} has several columns "${ambiguous}"; rename all but one`, { field });
  return index;
}

/**
 * Opens a CSV file: finds its delimiter (comma, semicolon, tab or bar) and its header, which holds every column of
 * `required` in any case and order. Throws INVALID_INPUT with `field` that lists the columns found when it does not.
 */
export async function openCsv(
  file: FillFile,
  required: readonly string[],
  signal: AbortSignal,
  field = 'file',
): Promise<CsvTable> {
  const progress = progressOf(file);
  const lines = textLines(file.name, fileChunks(file, progress, signal))[Symbol.asyncIterator]();
  const first: TextLine[] = [];
  try {
    for (let size = 0; first.length < SAMPLE_LINES && size < SAMPLE_CHARACTERS;) {
      const next = await lines.next();
      if (next.done) break;
      first.push(next.value);
      size += next.value.text.length;
    }
    const found = await findHeader(first, required);
    checkHeader(file.name, found, field);
    const { delimiter, header } = found;
    const index = columnIndex(file.name, header.cells, required, field);
    const row = ({ line, cells }: CsvRecord): CsvRow => ({
      line,
      cells,
      cell: (column) => cells[index.get(normal(column)) ?? -1]?.trim() ?? '',
    });
    const sample: CsvRow[] = [];
    for await (const record of csvRecords(replay(first), delimiter))
      if ('cells' in record && record.line > header.line) sample.push(row(record));
    const outcomes = async function* (read: (row: CsvRow) => RowOutcome): AsyncIterable<RowOutcome> {
      for await (const record of csvRecords(replay(first, lines), delimiter)) {
        if (record.line <= header.line) continue;
        if ('broken' in record) {
          const message =
            'The quotes of this line do not match, or it is too long; double the quotes inside a quoted cell';
          yield { error: rowError(record.line, '', record.broken, message) };
          continue;
        }
        const result = readRow(record.line, () => read(checkWidth(row(record), header.cells.length)));
        yield 'error' in result ? result : result.value;
      }
    };
    return { header: header.cells, delimiter, sample, outcomes, progress };
  } catch (error) {
    await lines.return?.();
    throw error;
  }
}

/** Cells beyond the header mean that a delimiter inside a value shifted the columns: nothing in the row can be trusted. */
function checkWidth(row: CsvRow, width: number): CsvRow {
  if (row.cells.slice(width).some((cell) => cell.trim() !== ''))
    throw new RowProblem(
      '',
      row.cells.join(' | '),
      `The row has more cells than the header has columns (${width}); quote values that contain the delimiter`,
    );
  return row;
}
