import type { OutColumn, OutValue } from './out-column.js';

/** What a spreadsheet program takes for the beginning of a formula (OWASP, "CSV injection"). */
const formula = /^[=+\-@\t\r]/;

/**
 * One value of CSV (RFC 4180). A text that a spreadsheet program would run as a formula gets a leading apostrophe; numbers are numbers.
 */
export function csvValue(value: OutValue, { type }: Pick<OutColumn, 'type'>, delimiter: string): string {
  if (value === null) return '';
  const number = (type === 'integer' || type === 'decimal') && /^-?\d+(\.\d+)?$/.test(value);
  const safe = !number && formula.test(value) ? `'${value}` : value;
  const quoted = safe.includes(delimiter) || /["\r\n]|^\s|\s$/.test(safe);
  return quoted ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** With a byte order mark, by which Excel knows UTF-8. */
export function csvHeader(columns: readonly OutColumn[], delimiter: string): string {
  const names = columns.map(({ header }) => csvValue(header, { type: 'string' }, delimiter));
  return `\ufeff${names.join(delimiter)}\r\n`;
}

export function csvRow(values: readonly OutValue[], columns: readonly OutColumn[], delimiter: string): string {
  return `${columns.map((column, i) => csvValue(values[i] ?? null, column, delimiter)).join(delimiter)}\r\n`;
}
