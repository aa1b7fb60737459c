import { jsonOf, quoted } from './table-type.js';
import type { TargetTable } from './target-tables.js';

/** SQL for a record `t` as a JSON object in the order of the columns; those without a value are left out. */
export function recordJson({ columns: known }: TargetTable, names: readonly string[]): string {
  const fields = names.map((name) => `${jsonOf(`t.${quoted(name)}`, known.get(name) ?? 'text')} as ${quoted(name)}`);
  return `select json_strip_nulls(row_to_json(x)) from (select ${fields.join(', ')}) x`;
}
