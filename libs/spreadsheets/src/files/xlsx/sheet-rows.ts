import { columnOf, rowOf } from '../../cells/cell-reference.js';
import type { Cell, NumberFormat, SheetRow } from '../../cells/cell.js';
import { limits } from '../workbook/limits.js';
import { refusal } from '../workbook/refusal.js';
import { unescapeExcel } from './excel-escapes.js';
import type { SharedStrings } from './shared-strings.js';
import type { OpenedTag } from './xml-scanner.js';
import { parseXml } from './xml.js';

export interface SheetSource {
  strings: SharedStrings;
  styles: (NumberFormat | undefined)[];
}

/** Gathers rows from the events of a worksheet's XML. */
class RowCollector {
  rows: SheetRow[] = [];
  private row: SheetRow | undefined;
  private lastRow = 0;
  private column = -1;
  private type = 'n';
  private style = 0;
  private value = '';
  private hasValue = false;
  private formula = false;
  private reading = false;
  private pronunciation = false;

  constructor(
    private readonly source: SheetSource,
    private readonly name: string,
  ) {}

  open = (name: string, tag: OpenedTag): void => {
    switch (name) {
      case 'row':
        return this.openRow(tag.attributes());
      case 'c':
        return this.openCell(tag.attributes());
      case 'f':
        this.formula = true;
        return;
      case 'rPh':
        this.pronunciation = true;
        return;
      case 'v':
      case 't':
        this.reading = this.row !== undefined && !this.pronunciation;
        if (this.reading) this.hasValue = true;
    }
  };

  text = (more: string): void => {
    if (!this.reading) return;
    this.value += more;
    if (this.value.length > limits.cellCharacters * 7) throw this.tooLong();
  };

  close = (name: string): void => {
    switch (name) {
      case 'v':
      case 't':
        this.reading = false;
        return;
      case 'rPh':
        this.pronunciation = false;
        return;
      case 'c': {
        const cell = this.cell();
        if (cell && this.row) this.row.cells[this.column] = cell;
        return;
      }
      case 'row':
        if (this.row) this.rows.push(this.row);
        this.row = undefined;
    }
  };

  private openRow({ r }: Record<string, string>): void {
    const number = r === undefined ? this.lastRow + 1 : Number(r);
    if (!Number.isInteger(number) || number < 1 || number > limits.rows)
      throw refusal(`${this.name} has a row ${r}; rows go from 1 to ${limits.rows}`);
    if (number <= this.lastRow) throw refusal(`${this.name} has row ${number} behind row ${this.lastRow}`);
    this.lastRow = number;
    this.row = { number, cells: [] };
    this.column = -1;
  }

  private openCell({ r, t = 'n', s }: Record<string, string>): void {
    const column = r === undefined ? this.column + 1 : columnOf(r);
    if (column < 0 || column >= limits.columns)
      throw refusal(`${this.name} has a cell ${r ?? ''} in row ${this.lastRow}; columns go from A to XFD`);
    // A reference that contradicts its row is wrong, whichever of both is meant.
    if (r !== undefined && this.row && rowOf(r) !== this.row.number)
      throw refusal(`${this.name} has the cell ${r} in row ${this.row.number}`);
    this.column = column;
    this.type = t;
    this.style = s === undefined ? 0 : Number(s);
    this.value = '';
    this.hasValue = false;
    this.formula = false;
  }

  private cell(): Cell | undefined {
    const { value } = this;
    if (!this.hasValue) return this.formula ? { kind: 'uncalculated', text: '' } : undefined;
    switch (this.type) {
      case 's':
        return this.textCell(this.shared(value));
      case 'inlineStr':
      case 'str':
        return this.textCell(unescapeExcel(value));
      case 'b':
        return { kind: 'boolean', text: value.trim() === '1' || value.trim() === 'true' ? 'TRUE' : 'FALSE' };
      case 'e':
        return { kind: 'error', text: value };
      case 'd':
        return { kind: 'date', text: value };
      default: {
        if (value === '') return undefined;
        const format = this.source.styles[this.style];
        return format === undefined ? { kind: 'number', text: value } : { kind: 'number', text: value, format };
      }
    }
  }

  private textCell(text: string): Cell | undefined {
    if (text.length > limits.cellCharacters) throw this.tooLong();
    return text === '' ? undefined : { kind: 'text', text };
  }

  private shared(reference: string): string {
    const text = this.source.strings.get(Number(reference));
    if (text !== undefined && reference.trim() !== '') return text;
    throw refusal(`${this.name}, row ${this.lastRow} refers to shared text ${reference}, which the file does not have`);
  }

  private tooLong(): Error {
    const where = `${this.name}, row ${this.lastRow}`;
    return refusal(`A cell of ${where} has more than ${limits.cellCharacters} characters, Excel's limit`);
  }
}

/** The rows of a worksheet's XML, as they come in. */
export async function* sheetRows(
  part: AsyncIterable<Buffer>,
  name: string,
  source: SheetSource,
): AsyncIterable<SheetRow> {
  const collector = new RowCollector(source, name);
  for await (const _ of parseXml(part, name, collector)) {
    const { rows } = collector;
    if (rows.length === 0) continue;
    collector.rows = [];
    yield* rows;
  }
}
