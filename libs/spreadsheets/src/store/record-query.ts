import { JobFailure } from '@roundhouse/jobs';
import type { QueryFilter, SheetQuery } from '../template/query.js';
import { quoted, textOf } from './table-type.js';
import type { TargetTable } from './target-tables.js';

/** Some of a target's records: `condition` is SQL over `t`, with these parameters. */
export interface RecordQuery {
  table: TargetTable;
  condition: string;
  parameters: unknown[];
}

const expected: Record<string, { what: string; is: RegExp }> = {
  int8: { what: 'a number', is: /^[+-]?\d{1,100}(\.\d{1,100})?$/ },
  numeric: { what: 'a number', is: /^[+-]?\d{1,100}(\.\d{1,100})?$/ },
  bool: { what: 'true or false', is: /^(true|false)$/ },
  date: { what: 'a date like 2026-01-31', is: /^\d{4}-\d{2}-\d{2}$/ },
  timestamptz: {
    what: 'a date with a time in UTC, like 2026-01-31T08:00:00Z, or without',
    is: /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/,
  },
};

/** Beyond them the column's own type would be too small for what it is compared with. */
const comparedAs = (type: string): string => (type === 'int8' ? 'numeric' : type);

const refusal = (message: string, field: string) => new JobFailure('INVALID_INPUT', message, { field });

/** @throws JobFailure INVALID_INPUT with the field of the first column or value that the target cannot have */
export function conditionOf(table: TargetTable, { columns, filters }: Pick<SheetQuery, 'columns' | 'filters'>) {
  for (const [i, { name }] of columns.entries()) refuseUnknown(table, name, `columns.${i}.name`);
  const parameters: unknown[] = [];
  const conditions = filters.map((filter, i) => conditionOn(filter, i, table, (value) => `$${parameters.push(value)}`));
  return { table, condition: conditions.join(' and ') || 'true', parameters } satisfies RecordQuery;
}

/** Names are columns of the table, values are parameters of the column's type: nothing of a filter is ever SQL. */
function conditionOn(
  { column, is, value }: QueryFilter,
  i: number,
  table: TargetTable,
  parameter: (value: string) => string,
): string {
  const field = `filters.${i}`;
  const type = refuseUnknown(table, column, `${field}.column`);
  const stored = `t.${quoted(column)}`;
  const text = textOf(stored, type);
  if (is === 'is_empty') return `coalesce(${text}, '') = ''`;
  if (is === 'is_not_empty') return `coalesce(${text}, '') <> ''`;
  const given = String(value);
  if (given.includes('\0')) throw refusal(`The value for "${column}" holds a NUL`, `${field}.value`);
  if (is === 'contains') return `position(lower(${parameter(given)}::text) in lower(${text})) > 0`;
  if (is === 'starts_with') return `starts_with(${text}, ${parameter(given)}::text)`;
  const rule = expected[type];
  if (rule && (!rule.is.test(given) || (/^\d{4}-/.test(given) && Number.isNaN(Date.parse(given)))))
    throw refusal(`"${column}" is compared with ${rule.what}, not "${given.slice(0, 50)}"`, `${field}.value`);
  return `${stored} ${is} ${parameter(given)}::${comparedAs(type)}`;
}

function refuseUnknown({ name, columns }: TargetTable, column: string, field: string): string {
  const type = columns.get(column);
  if (type !== undefined) return type;
  const known = [...columns.keys()].join(', ').slice(0, 500);
  throw refusal(`${name} has no column "${column}"; it has ${known}`, field);
}
