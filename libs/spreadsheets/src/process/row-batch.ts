import type { Cell, SheetRow } from '../cells/cell.js';
import { plainNumber } from '../cells/number-text.js';
import type { DateSystem } from '../cells/serial-date.js';
import type { SourceColumn } from '../mapping/header-row.js';
import { cellText } from '../rows/cell-text.js';
import { copyLine } from '../rows/copy-line.js';
import type { GoodRow } from '../rows/row-reader.js';
import { frame } from './frames.js';
import { LineBuffer } from './line-buffer.js';
import type { KeptCell } from '../export/kept-cell.js';
import type { BatchHeader, FailedRow } from './requests.js';

/** What rows of a batch consist of. */
export interface BatchShape {
  importId: string;
  /** Places of the template's columns that the sheet brings. */
  brought: readonly number[];
  /** Columns of the sheet. */
  columns: readonly SourceColumn[];
  dateSystem: DateSystem;
  withCells: boolean;
}

const rowsBetweenLooks = 16;

/** Rows on their way to the database: good ones as lines for COPY, bad ones with the reasons and their cells. */
export class RowBatch {
  private header: BatchHeader = emptyHeader();
  private readonly lines = new LineBuffer();
  private failedCharacters = 0;
  private begun = performance.now();

  constructor(private readonly shape: BatchShape) {}

  get read(): number {
    return this.header.read;
  }

  /** About what it takes as a frame. */
  get bytes(): number {
    return this.lines.length + this.failedCharacters;
  }

  /** Since its beginning; looked at every so many rows. */
  ageMs(): number {
    return this.header.read % rowsBetweenLooks === 0 ? performance.now() - this.begun : 0;
  }

  addGood(row: SheetRow, { key: given, values }: GoodRow): void {
    const { importId, brought, withCells } = this.shape;
    // A row without a key is a record of its own, the same one whenever it is stored.
    const key = given ?? `${importId}:${row.number}`;
    const all = [String(row.number), importId, key];
    for (const at of brought) all.push(values[at]!);
    if (withCells) all.push(JSON.stringify(this.kept(row).cells));
    this.lines.add(copyLine(all), key);
    this.header.good += 1;
    this.seen(row);
  }

  addBad(row: SheetRow, errors: BatchHeader['errors']): void {
    const failed = this.kept(row);
    this.header.errors.push(...errors);
    this.header.failed.push(failed);
    this.failedCharacters += failed.cells.reduce<number>((sum, cell) => sum + String(cell).length, 0);
    this.seen(row);
  }

  /** The batch as a frame; the next one begins. Lines are by key: two imports of the same keys wait for each other instead of deadlocking. */
  take(): Buffer {
    const header = Buffer.from(JSON.stringify(this.header));
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(header.length, 0);
    const bytes = frame('batch', length, header, ...this.lines.take());
    this.header = emptyHeader();
    this.failedCharacters = 0;
    this.begun = performance.now();
    return bytes;
  }

  private seen(row: SheetRow): void {
    this.header.read += 1;
    this.header.through = row.number;
  }

  private kept(row: SheetRow): FailedRow {
    const { columns, dateSystem } = this.shape;
    return { row: row.number, cells: columns.map(({ at }) => keptCell(row.cells[at], dateSystem)) };
  }
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
