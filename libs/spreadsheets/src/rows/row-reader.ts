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
  /** JSON object: column name → value; columns without a value are left out. */
  data: string;
  /** Keys of other targets that the row refers to, in the order of `referenceColumns`; undefined where it refers to none. */
  references: (string | undefined)[];
}

export type RowReading = { good: GoodRow } | { errors: RowError[] };

interface MappedColumn {
  name: string;
  json: string;
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
  /** In the order in which rows have their `references`. */
  readonly referenceColumns: { name: string; target: string }[];
  private readonly columns: MappedColumn[];
  private readonly keys = new KeySet();
  private readonly keyAt: number[];
  private readonly referenceAt: number[];

  /** @param mapping template column → column of the sheet from 0 */
  constructor(
    template: Template,
    mapping: ReadonlyMap<string, number>,
    private readonly options: ReadingOptions,
  ) {
    this.columns = template.columns.map((column) => ({
      name: column.name,
      json: `${JSON.stringify(column.name)}:`,
      at: mapping.get(column.name),
      read: valueReader(column, options),
      unique: column.rule.unique ? new KeySet() : undefined,
    }));
    const at = (name: string) => this.columns.findIndex((column) => column.name === name);
    this.keyAt = template.key.map(at);
    const references = template.columns.filter(({ type }) => type === 'reference');
    this.referenceColumns = references.map(({ name, target }) => ({ name, target: target! }));
    this.referenceAt = references.map(({ name }) => at(name));
  }

  /** What a row holds, or everything that is wrong with it. */
  read(row: SheetRow): RowReading {
    const { columns } = this;
    const errors: RowError[] = [];
    const texts: (string | undefined)[] = [];
    let data = '';
    for (const column of columns) {
      const cell = column.at === undefined ? undefined : row.cells[column.at];
      const reading = column.read(cell);
      if ('fault' in reading) {
        const { rule, message } = reading.fault;
        errors.push(this.error(row, column, rule, message));
        texts.push(undefined);
        continue;
      }
      const { value } = reading;
      texts.push(value?.text);
      if (value === undefined) continue;
      const earlier = column.unique?.add(value.text, row.number);
      if (earlier !== undefined)
        errors.push(this.error(row, column, 'unique', `${column.name} is in row ${earlier} already`));
      data += `${data && ','}${column.json}${value.json}`;
    }
    if (errors.length > 0) return { errors };
    const key = this.keyOf(row, texts);
    if (typeof key === 'object') return { errors: [key] };
    return { good: { row: row.number, key, data: `{${data}}`, references: this.referenceAt.map((at) => texts[at]) } };
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
