import { isBlank, type Cell, type SheetRow } from '../cells/cell.js';
import { plainNumber } from '../cells/number-text.js';
import type { DateSystem } from '../cells/serial-date.js';
import { refusal } from '../files/refusal.js';
import type { SourceColumn } from '../mapping/header-row.js';
import { cellText } from '../rows/cell-text.js';
import { RowReader, type GoodRow } from '../rows/row-reader.js';
import { headerOf } from '../template/header-of.js';
import { frame, messageFrame } from './frames.js';
import { missingColumns, openSheet, placesOf, rowsOf } from './opened-sheet.js';
import type { BatchHeader, FailedRow, ImportRequest, ImportStart, KeptCell } from './requests.js';

/** A batch ends here as well: rows may have 32 767 characters a cell. */
const batchCharacters = 1_000_000;

/**
 * Reads a sheet from its first row to its last and gives what is behind `after` in batches. Rows before that are read too: a key that
 * comes twice must be found whichever run meets it.
 */
export async function* importRows(request: ImportRequest): AsyncIterable<Buffer> {
  const { template } = request;
  const { workbook, sheet, headerRow, columns, matches } = await openSheet(request, template);
  try {
    const missing = missingColumns(template, matches);
    if (missing.length > 0) {
      const names = template.columns.filter(({ name }) => missing.includes(name)).map(headerOf);
      throw refusal(`The sheet "${sheet}" has no column for ${names.join(', ')}; map the columns and import again`);
    }
    const mapping = Object.fromEntries(matches.map(({ column, header }) => [column, header]));
    yield messageFrame({ ok: { sheet, headerRow, columns, mapping } satisfies ImportStart });
    const { dateSystem } = workbook;
    const reader = new RowReader(template, placesOf(matches, columns), { dateSystem, timeZone: template.time_zone });
    const batch = new Batch(columns, dateSystem, request.withCells);
    for await (const row of rowsOf(workbook, sheet, request)) {
      if (row.number <= headerRow || isBlank(row)) continue;
      const reading = reader.read(row);
      if (row.number <= request.after) continue;
      if ('good' in reading) batch.addGood(row, reading.good);
      else batch.addBad(row, reading.errors);
      if (batch.read >= request.batchRows || batch.characters >= batchCharacters) yield batch.take();
    }
    if (batch.read > 0) yield batch.take();
  } finally {
    workbook.close();
  }
}

class Batch {
  private header: BatchHeader = emptyHeader();
  private rows: string[] = [];
  characters = 0;

  constructor(
    private readonly columns: readonly SourceColumn[],
    private readonly dateSystem: DateSystem,
    private readonly withCells: boolean,
  ) {}

  get read(): number {
    return this.header.read;
  }

  addGood(row: SheetRow, { key, data, references }: GoodRow): void {
    const parts = [`"r":${row.number}`];
    if (key !== undefined) parts.push(`"k":${JSON.stringify(key)}`);
    parts.push(`"d":${data}`);
    if (references.length > 0) parts.push(`"f":${JSON.stringify(references.map((reference) => reference ?? null))}`);
    if (this.withCells) parts.push(`"c":${JSON.stringify(this.kept(row).cells)}`);
    const text = `{${parts.join(',')}}`;
    this.rows.push(text);
    this.characters += text.length;
    this.header.good += 1;
    this.seen(row);
  }

  addBad(row: SheetRow, errors: BatchHeader['errors']): void {
    const failed = this.kept(row);
    this.header.errors.push(...errors);
    this.header.failed.push(failed);
    this.characters += failed.cells.reduce<number>((sum, cell) => sum + String(cell).length, 0);
    this.seen(row);
  }

  /** The batch as a frame; the next one begins. */
  take(): Buffer {
    const header = Buffer.from(JSON.stringify(this.header));
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(header.length, 0);
    const content = Buffer.concat([length, header, jsonbOf(`[${this.rows.join(',')}]`)]);
    this.header = emptyHeader();
    this.rows = [];
    this.characters = 0;
    return frame('batch', content);
  }

  private seen(row: SheetRow): void {
    this.header.read += 1;
    this.header.through = row.number;
  }

  private kept(row: SheetRow): FailedRow {
    return { row: row.number, cells: this.columns.map(({ at }) => keptCell(row.cells[at], this.dateSystem)) };
  }
}

/** Version 1 of PostgreSQL's binary form of jsonb, which is its text (src/backend/utils/adt/jsonb.c, jsonb_recv). */
function jsonbOf(json: string): Buffer {
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(json));
  bytes.writeUInt8(1, 0);
  bytes.write(json, 1);
  return bytes;
}

const emptyHeader = (): BatchHeader => ({ through: 0, read: 0, good: 0, errors: [], failed: [] });

/** Numbers stay numbers and dates dates where that loses nothing, so that the row reads the same when it is imported again. */
function keptCell(cell: Cell | undefined, dateSystem: DateSystem): KeptCell {
  if (cell === undefined) return null;
  if (cell.kind === 'boolean') return cell.text === 'TRUE';
  const text = cellText(cell, dateSystem);
  if (cell.kind !== 'number') return text;
  if (cell.format === 'date' || cell.format === 'datetime') return { date: text };
  const plain = cell.format === undefined ? plainNumber(cell.text) : undefined;
  return plain !== undefined && String(Number(plain)) === plain ? Number(plain) : text;
}
