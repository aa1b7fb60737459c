import type { Column } from '../template/template.js';

/** The values of a row for people: column name → string, number or boolean; columns without a value are left out. */
export function typedValues(
  columns: readonly Column[],
  values: readonly (string | undefined)[],
): Record<string, string | number | boolean> {
  const typed: Record<string, string | number | boolean> = {};
  for (const [i, { name, type }] of columns.entries()) {
    const text = values[i];
    if (text === undefined) continue;
    if (type === 'integer' || type === 'decimal') typed[name] = Number(text);
    else typed[name] = type === 'boolean' ? text === 'true' : text;
  }
  return typed;
}
