import { csvHeader, csvRow } from '../export/csv-writer.js';
import type { OutValue } from '../export/out-column.js';
import { keptCell, textCell, valueCell } from '../export/xlsx-cells.js';
import { styles } from '../export/xlsx-parts.js';
import { writeXlsx, type RowXml } from '../export/xlsx-writer.js';
import { frame, messageFrame, type Frame } from './frames.js';
import type { FailedRowOut, WriteRequest, Written } from './requests.js';

const chunkCharacters = 128 * 1024;

/** Writes a file of the rows that come in as `bytes` frames, each a JSON array of rows, until an `end` frame. */
export async function* writeFile(request: WriteRequest, frames: AsyncIterator<Frame>): AsyncIterable<Buffer> {
  const counted = { rows: 0, sheets: 0 };
  for await (const bytes of fileOf(request, frames, counted)) yield frame('bytes', bytes);
  yield messageFrame({ ok: counted satisfies Written });
}

async function* fileOf(request: WriteRequest, frames: AsyncIterator<Frame>, counted: Written): AsyncIterable<Buffer> {
  switch (request.format) {
    case 'ndjson':
      yield* textFile(ndjsonLines(frames, counted));
      return;
    case 'csv':
      yield* textFile(csvLines(request, frames, counted));
      return;
    default: {
      const rows = request.format === 'failed' ? failedRows(frames, counted) : valueRows(request, frames, counted);
      const headers = request.columns.map(({ header }) => header);
      const { bytes, sheets } = writeXlsx(rows, {
        name: request.name,
        headers,
        widths: widthsOf(request),
        maxRows: request.maxRows,
      });
      yield* bytes;
      counted.sheets = sheets();
    }
  }
}

async function* batches<Row>(frames: AsyncIterator<Frame>): AsyncIterable<Row[]> {
  for (;;) {
    const next = await frames.next();
    if (next.done || next.value.type === 'end') return;
    yield JSON.parse(next.value.content.toString('utf8')) as Row[];
  }
}

async function* valueRows(
  { columns, timeZone }: WriteRequest,
  frames: AsyncIterator<Frame>,
  counted: Written,
): AsyncIterable<RowXml> {
  for await (const batch of batches<OutValue[]>(frames)) {
    for (const values of batch) {
      counted.rows += 1;
      yield (row) => columns.map((column, i) => valueCell(values[i] ?? null, column, i, row, timeZone)).join('');
    }
  }
}

/** The columns as they came, then what is wrong and which row it was. */
async function* failedRows(frames: AsyncIterator<Frame>, counted: Written): AsyncIterable<RowXml> {
  for await (const batch of batches<FailedRowOut>(frames)) {
    for (const { row: source, cells, marked, errors } of batch) {
      counted.rows += 1;
      const marks = new Set(marked);
      yield (row) =>
        cells.map((cell, i) => keptCell(cell, i, row, marks.has(i))).join('') +
        textCell(errors, cells.length, row, styles.note) +
        keptCell(source, cells.length + 1, row, false);
    }
  }
}

async function* csvLines(
  { columns, delimiter }: WriteRequest,
  frames: AsyncIterator<Frame>,
  counted: Written,
): AsyncIterable<string> {
  yield csvHeader(columns, delimiter);
  for await (const batch of batches<OutValue[]>(frames)) {
    counted.rows += batch.length;
    for (const values of batch) yield csvRow(values, columns, delimiter);
  }
}

/** The database has made the lines: decimals keep every digit. */
async function* ndjsonLines(frames: AsyncIterator<Frame>, counted: Written): AsyncIterable<string> {
  for await (const batch of batches<string>(frames)) {
    counted.rows += batch.length;
    for (const line of batch) yield `${line}\n`;
  }
}

async function* textFile(lines: AsyncIterable<string>): AsyncIterable<Buffer> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < chunkCharacters) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk) yield Buffer.from(chunk);
}

const typeWidths: Record<string, number> = { date: 12, datetime: 20, boolean: 10, integer: 12, decimal: 14, email: 28 };

function widthsOf({ columns }: WriteRequest): number[] {
  return columns.map(
    ({ header, type, width }) => width ?? Math.min(60, Math.max(typeWidths[type] ?? 20, header.length + 4)),
  );
}
