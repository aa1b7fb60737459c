import type { SheetRow } from '../cells/cell.js';
import type { Template } from '../template/template.js';
import { cellText } from './cell-text.js';
import { KeySet } from './key-set.js';
import { valueReader, type ReadingOptions, type ValueReader } from './read-value.js';
import { shownValue, type RowError, type RowRule } from './row-error.js';

/** A row that keeps all of its template's rules. */
export interface GoodRow {
  row: number;
  /** The values of the key's columns; undefined when the template has no key. */
  key: string | undefined;
  /** By the place of the template's columns; undefined where there is none. */
  values: (string | undefined)[];
}

export type RowReading = { good: GoodRow } | { errors: RowError[] };

interface MappedColumn {
  name: string;
  /** Column of the sheet; undefined: the sheet has none, the default counts. */
  at: number | undefined;
  read: ValueReader;
  unique: KeySet | undefined;
}

/** Parts of a key that has several; it is in no text that people type. */
const separator = '\u001f';
const longestKey = 500;

/** Reads the rows of one sheet by a template. Remembers keys: to be given every row from the first on, once. */
export class RowReader {
  private readonly columns: MappedColumn[];
  private readonly keys = new KeySet();
  private readonly keyAt: number[];

  /** @param mapping template column → column of the sheet from 0 */
  constructor(
    template: Template,
    mapping: ReadonlyMap<string, number>,
    private readonly options: ReadingOptions,
  ) {
    this.columns = template.columns.map((column) => ({
      name: column.name,
      at: mapping.get(column.name),
      read: valueReader(column, options),
      unique: column.rule.unique ? new KeySet() : undefined,
    }));
    const at = (name: string) => this.columns.findIndex((column) => column.name === name);
    this.keyAt = template.key.map(at);
  }

  /** What a row holds, or everything that is wrong with it. */
  read(row: SheetRow): RowReading {
    const { columns } = this;
    let errors: RowError[] | undefined;
    const values: (string | undefined)[] = [];
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i]!;
      const reading = column.read(column.at === undefined ? undefined : row.cells[column.at]);
      if (typeof reading === 'object') {
        (errors ??= []).push(this.error(row, column, reading.rule, reading.message));
        values.push(undefined);
        continue;
      }
      values.push(reading);
      if (reading === undefined || !column.unique) continue;
      const earlier = column.unique.add(reading, row.number);
      if (earlier !== undefined)
        (errors ??= []).push(this.error(row, column, 'unique', `${column.name} is in row ${earlier} already`));
    }
    if (errors) return { errors };
    const key = this.keyOf(row, values);
    return typeof key === 'object' ? { errors: [key] } : { good: { row: row.number, key, values } };
  }

  private keyOf(row: SheetRow, texts: (string | undefined)[]): string | undefined | RowError {
    const { keyAt } = this;
    if (keyAt.length === 0) return undefined;
    const key = keyAt.length === 1 ? (texts[keyAt[0]!] ?? '') : keyAt.map((at) => texts[at] ?? '').join(separator);
    const first = this.columns[keyAt[0]!]!;
    if (key.length > longestKey)
      return this.error(row, first, 'key', `The key has ${key.length} characters, at most ${longestKey} are allowed`);
    const earlier = this.keys.add(key, row.number);
    if (earlier === undefined) return key;
    const shown = shownValue(key.replaceAll(separator, ', '));
    return this.error(row, first, 'key', `Row ${earlier} has the same key already: ${shown}`);
  }

  private error(row: SheetRow, column: MappedColumn, rule: RowRule, message: string): RowError {
    const value = column.at === undefined ? '' : cellText(row.cells[column.at], this.options.dateSystem);
    return { row: row.number, column: column.name, value: shownValue(value), rule, message };
  }
}
