import { CFB, read, type CellObject, type WorkBook, type WorkSheet } from '@e965/xlsx';
import { readFile, stat } from 'node:fs/promises';
import type { Cell, SheetRow } from '../../cells/cell.js';
import { builtInFormat, formatOfCode } from '../../cells/number-format.js';
import type { DateSystem } from '../../cells/serial-date.js';
import { wellFormed } from '../../cells/well-formed.js';
import { limits } from '../workbook/limits.js';
import { Refusal, refusal } from '../workbook/refusal.js';
import type { SheetFacts, SheetInfo, Workbook } from '../workbook/workbook.js';

const errors: Record<number, string> = {
  0x00: '#NULL!',
  0x07: '#DIV/0!',
  0x0f: '#VALUE!',
  0x17: '#REF!',
  0x1d: '#NAME?',
  0x24: '#NUM!',
  0x2a: '#N/A',
};

/**
 * An .xls file (BIFF5 or BIFF8), read as a whole by SheetJS: only to be opened in a process with a memory cap and a time limit, which
 * is what stops a file that asks for more.
 */
export class XlsWorkbook implements Workbook {
  readonly type = 'xls';
  readonly dateSystem: DateSystem;
  readonly sheets: SheetInfo[];

  private constructor(private readonly book: WorkBook) {
    this.dateSystem = book.Workbook?.WBProps?.date1904 ? '1904' : '1900';
    const hidden = new Set(book.Workbook?.Sheets?.flatMap((sheet) => (sheet.Hidden ? [sheet.name] : [])) ?? []);
    this.sheets = book.SheetNames.filter((name) => book.Sheets[name]?.['!ref'] !== undefined).map((name) => ({
      name,
      hidden: hidden.has(name),
    }));
    if (this.sheets.length === 0) throw refusal('The workbook has no sheet with rows');
  }

  static async open(path: string): Promise<XlsWorkbook> {
    const { size } = await stat(path);
    if (size > limits.xlsBytes)
      throw refusal(`The .xls file has ${size} bytes, more than ${limits.xlsBytes}; save it as .xlsx`);
    const bytes = await readFile(path);
    refuseContainers(bytes);
    try {
      const options = { type: 'buffer', dense: true, cellNF: true, cellHTML: false, cellText: false } as const;
      return new XlsWorkbook(read(bytes, { ...options, cellFormula: true, bookVBA: false }));
    } catch (error) {
      throw asRefusal(error);
    }
  }

  async *rows(sheet: string): AsyncIterable<SheetRow> {
    const found = this.book.Sheets[sheet];
    if (!found || !this.sheets.some(({ name }) => name === sheet))
      throw refusal(
        `There is no sheet "${sheet}"; the file has ${this.sheets.map(({ name }) => `"${name}"`).join(', ')}`,
      );
    for (const [index, row] of rowsOf(found).entries()) {
      if (row) yield { number: index + 1, cells: Array.from(row, (cell) => cell && cellOf(cell)) };
    }
  }

  async inspect(): Promise<SheetFacts[]> {
    return this.sheets.map((sheet) => {
      const content = this.book.Sheets[sheet.name]!;
      const merges = (content['!merges'] ?? []).map(({ s, e }) => ({
        top: s.r + 1,
        bottom: e.r + 1,
        left: s.c,
        right: e.c,
      }));
      return { ...sheet, rows: rowsOf(content).filter(Boolean).length, merges: merges.slice(0, limits.mergedRanges) };
    });
  }

  close(): void {
    // All of it is in memory.
  }
}

function rowsOf(sheet: WorkSheet): (CellObject[] | undefined)[] {
  const content = sheet as { '!data'?: (CellObject[] | undefined)[] };
  return content['!data'] ?? [];
}

/** An encrypted .xlsx is in the same container as an .xls. */
function refuseContainers(bytes: Buffer): void {
  if (bytes.readUInt32LE(0) !== 0xe011cfd0) return;
  let names: string[];
  try {
    names = CFB.read(bytes, { type: 'buffer' }).FullPaths.map((path: string) =>
      path.replace(/^[^/]*\//, '').toLowerCase(),
    );
  } catch (error) {
    throw refusal('The .xls file is damaged; save it again and upload it anew', error);
  }
  if (names.includes('encryptedpackage') || names.includes('encryptioninfo'))
    throw refusal('The file is protected by a password; remove it and upload the file again');
  if (names.includes('worddocument') || names.includes('powerpoint document'))
    throw refusal('This is a document or a presentation; upload a spreadsheet');
  if (!names.includes('workbook') && !names.includes('book')) throw refusal('The file holds no workbook');
}

function asRefusal(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Refusal) return error;
  if (/password|encrypt/i.test(message))
    return refusal('The file is protected by a password; remove it and upload the file again', error);
  return refusal(`The .xls file cannot be read (${message.slice(0, 200)}); save it as .xlsx`, error);
}

function cellOf(cell: CellObject): Cell | undefined {
  const { t: type, v: value, z: code } = cell;
  switch (type) {
    case 'n':
      return numberCell(value as number, code);
    case 's': {
      const text = wellFormed(String(value));
      if (text.length > limits.cellCharacters)
        throw refusal(`A cell has more than ${limits.cellCharacters} characters, Excel's limit`);
      return text === '' ? undefined : { kind: 'text', text };
    }
    case 'b':
      return { kind: 'boolean', text: value ? 'TRUE' : 'FALSE' };
    case 'e':
      return { kind: 'error', text: errors[value as number] ?? '#ERROR' };
    case 'd':
      return { kind: 'date', text: (value as Date).toISOString() };
    default:
      return cell.f === undefined ? undefined : { kind: 'uncalculated', text: '' };
  }
}

function numberCell(value: number, code: string | number | undefined): Cell | undefined {
  if (!Number.isFinite(value)) return undefined;
  const format = typeof code === 'number' ? builtInFormat(code) : code === undefined ? undefined : formatOfCode(code);
  return { kind: 'number', text: String(value), ...(format && { format }) };
}
