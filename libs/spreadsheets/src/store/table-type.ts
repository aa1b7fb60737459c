import type { ColumnType } from '../template/template.js';

/** PostgreSQL types of the columns of targets, as pg_type names them. */
export const tableTypes = ['text', 'int8', 'numeric', 'bool', 'date', 'timestamptz'] as const;
export type TableType = (typeof tableTypes)[number];

const types: Record<ColumnType, TableType> = {
  string: 'text',
  email: 'text',
  enum: 'text',
  reference: 'text',
  integer: 'int8',
  decimal: 'numeric',
  boolean: 'bool',
  date: 'date',
  datetime: 'timestamptz',
};

export const tableType = (type: ColumnType): TableType => types[type];

/** Whether values of a template's column can be stored in a column of the table. Whole numbers are decimals, too. */
export const fits = (type: ColumnType, column: string): boolean =>
  types[type] === column || (type === 'integer' && column === 'numeric');

/** What people know a type as. */
export const typeNames: Record<TableType, string> = {
  text: 'text',
  int8: 'integer',
  numeric: 'decimal',
  bool: 'boolean',
  date: 'date',
  timestamptz: 'datetime',
};

/** An identifier in SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The value of a column as text, in the form that templates and exports know; `column` is SQL. */
export function textOf(column: string, type: string): string {
  switch (type) {
    case 'text':
      return column;
    case 'date':
      return `to_char(${column}, 'YYYY-MM-DD')`;
    case 'timestamptz':
      // Milliseconds only where there are any.
      return `replace(to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z')`;
    default:
      return `${column}::text`;
  }
}

/** The value of a column for JSON: numbers and booleans as such. */
export const jsonOf = (column: string, type: string): string =>
  ['int8', 'numeric', 'bool'].includes(type) ? column : textOf(column, type);
