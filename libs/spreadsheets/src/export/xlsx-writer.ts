import { Readable } from 'node:stream';
import yazl from 'yazl';
import { columnName } from '../cells/cell-reference.js';
import { limits } from '../files/workbook/limits.js';
import { sheetName } from './sheet-name.js';
import { textCell, xmlText } from './xlsx-cells.js';
import { sheetFoot, sheetHead, styles, workbookParts } from './xlsx-parts.js';

export interface XlsxOptions {
  name: string;
  headers: readonly string[];
  widths: readonly number[];
  /** Rows of a sheet, its header among them; what is more goes into further sheets. @default Excel's limit */
  maxRows?: number;
}

/** The cells of a row as XML. @param row number in its sheet, from 1 */
export type RowXml = (row: number) => string;

/** A part of a zip archive without zip64 ends here; sheets with many columns are split earlier. */
const maxSheetBytes = 3 * 1024 * 1024 * 1024;
const chunkCharacters = 128 * 1024;

/**
 * An .xlsx file as a stream: rows are written as they come and nothing of them is kept, so memory does not grow with their number.
 * Every sheet has the header. `done` says how many sheets there were, when the stream has ended.
 */
export function writeXlsx(
  rows: AsyncIterable<RowXml>,
  options: XlsxOptions,
): { bytes: AsyncIterable<Buffer>; sheets(): number } {
  const zip = new yazl.ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error: unknown) => output.destroy(error as Error));
  const source = rows[Symbol.asyncIterator]();
  const names: string[] = [];
  const addSheets = async () => {
    for (let next = await source.next(); ;) {
      const number = names.push(xmlText(sheetName(options.name, names.length + 1)));
      let rest = next;
      const xml = sheetXml(source, next, options, (left) => (rest = left));
      const stream = Readable.from(xml, { objectMode: false });
      const ended = new Promise<void>((resolve, reject) => stream.once('end', resolve).once('error', reject));
      zip.addReadStream(stream, `xl/worksheets/sheet${number}.xml`);
      await ended;
      next = rest;
      if (next.done) break;
    }
    for (const [name, xml] of Object.entries(workbookParts(names))) zip.addBuffer(Buffer.from(xml), name);
    zip.end();
  };
  addSheets().catch((error: unknown) => output.destroy(error as Error));
  return { bytes: output as AsyncIterable<Buffer>, sheets: () => names.length };
}

async function* sheetXml(
  source: AsyncIterator<RowXml>,
  first: IteratorResult<RowXml>,
  { headers, widths, maxRows = limits.rows }: XlsxOptions,
  rest: (left: IteratorResult<RowXml>) => void,
): AsyncIterable<string> {
  let chunk = sheetHead(widths);
  chunk += `<row r="1">${headers.map((header, column) => textCell(header, column, 1, styles.header)).join('')}</row>`;
  let row = 1;
  let bytes = 0;
  let next = first;
  for (; !next.done && row < maxRows && bytes < maxSheetBytes; next = await source.next()) {
    row += 1;
    chunk += `<row r="${row}">${next.value(row)}</row>`;
    if (chunk.length < chunkCharacters) continue;
    bytes += chunk.length;
    yield chunk;
    chunk = '';
  }
  rest(next);
  yield chunk + sheetFoot(`A1:${columnName(Math.max(0, headers.length - 1))}${row}`);
}
