import type { SheetTemplate } from './sheets.js';

/** A column as it is edited: what is not in the form is JSON. */
export interface ColumnDraft {
  name: string;
  header: string;
  type: string;
  required: boolean;
  aliases: string;
  more: string;
}

export interface TemplateDraft {
  name: string;
  target: string;
  key: string;
  timeZone: string;
  columns: ColumnDraft[];
}

export const columnTypes = [
  'string',
  'integer',
  'decimal',
  'boolean',
  'date',
  'datetime',
  'email',
  'enum',
  'reference',
];

export const emptyColumn: ColumnDraft = {
  name: '',
  header: '',
  type: 'string',
  required: false,
  aliases: '',
  more: '',
};
export const emptyDraft: TemplateDraft = { name: '', target: '', key: '', timeZone: 'UTC', columns: [emptyColumn] };

const split = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Settings that differ from their defaults. */
function moreOf({
  transform,
  rule,
  values,
  target,
  formats,
  decimal,
  default: standIn,
}: SheetTemplate['columns'][number]) {
  const more = {
    ...(standIn !== undefined && { default: standIn }),
    ...(transform && transform.length > 0 && { transform }),
    ...(rule && Object.keys(rule).length > 0 && { rule }),
    ...(values && { values }),
    ...(target && { target }),
    ...(formats && formats.length > 0 && { formats }),
    ...(decimal === ',' && { decimal }),
  };
  return Object.keys(more).length > 0 ? JSON.stringify(more) : '';
}

export function draftOf({ name, target, key, time_zone: timeZone, columns }: SheetTemplate): TemplateDraft {
  return {
    name,
    target,
    key: key.join(', '),
    timeZone,
    columns: columns.map((column) => ({
      name: column.name,
      header: column.header ?? '',
      type: column.type,
      required: column.required,
      aliases: (column.aliases ?? []).join(', '),
      more: moreOf(column),
    })),
  };
}

/** The body of a request. @throws Error that names the column whose further settings are no JSON */
export function bodyOf({ name, target, key, timeZone, columns }: TemplateDraft): Record<string, unknown> {
  return {
    name,
    target,
    key: split(key),
    time_zone: timeZone,
    columns: columns.map((column) => ({
      ...furtherOf(column),
      name: column.name,
      ...(column.header && { header: column.header }),
      type: column.type,
      required: column.required,
      aliases: split(column.aliases),
    })),
  };
}

function furtherOf({ name, more }: ColumnDraft): Record<string, unknown> {
  if (more.trim() === '') return {};
  try {
    return JSON.parse(more) as Record<string, unknown>;
  } catch {
    throw new Error(`The further settings of the column ${name} are no JSON; write for example {"rule": {"min": 0}}`);
  }
}
