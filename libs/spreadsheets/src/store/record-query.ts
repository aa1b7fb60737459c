import type { QueryFilter } from '../template/query.js';
import type { ColumnType } from '../template/template.js';

/** SQL for records of one target: `t` is the record; parameters in order. */
export interface RecordQuery {
  condition: string;
  parameters: unknown[];
}

const numeric = new Set<ColumnType>(['integer', 'decimal']);

/**
 * The condition of filters. Names and values are parameters, so nothing of them is ever SQL. Numbers are compared as numbers where the
 * column is one; everything else as text, which for dates in ISO 8601 is the same as by time.
 */
export function conditionOf(
  targetId: string,
  filters: readonly QueryFilter[],
  typeOf: (column: string) => ColumnType,
): RecordQuery {
  const parameters: unknown[] = [targetId];
  const parameter = (value: unknown) => `$${parameters.push(value)}`;
  const conditions = filters.map(({ column, is, value }) => {
    const text = `(t.data ->> ${parameter(column)}::text)`;
    if (is === 'is_empty') return `coalesce(${text}, '') = ''`;
    if (is === 'is_not_empty') return `coalesce(${text}, '') <> ''`;
    const given = parameter(String(value));
    if (is === 'contains') return `position(lower(${given}::text) in lower(${text})) > 0`;
    if (is === 'starts_with') return `starts_with(${text}, ${given}::text)`;
    if (numeric.has(typeOf(column)) && Number.isFinite(Number(value)))
      return `(${text})::numeric ${is} ${given}::numeric`;
    return `${text} ${is} ${given}::text`;
  });
  return { condition: ['t.target_id = $1::bigint', ...conditions].join(' and '), parameters };
}
