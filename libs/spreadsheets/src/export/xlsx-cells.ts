import { columnName } from '../cells/cell-reference.js';
import { serialOfWallTime } from '../cells/serial-date.js';
import { wallTimeOfUtc } from '../cells/zone-time.js';
import type { KeptCell } from './kept-cell.js';
import type { OutColumn, OutValue } from './out-column.js';
import { styles } from './xlsx-parts.js';

const names = Array.from({ length: 256 }, (_, column) => columnName(column));
const nameOf = (column: number): string => names[column] ?? columnName(column);

/** Text for XML. What XML cannot hold, and what would read as an escape of it, is escaped as Excel does (_xHHHH_). */
export function xmlText(text: string): string {
  if (!/[&<>"\u0000-\u001f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_/.test(text)) return text;
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(
      /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g,
      (c) => `_x${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    );
}

export function textCell(text: string, column: number, row: number, style: number = styles.plain): string {
  const space = /^\s|\s$|\n/.test(text) ? ' xml:space="preserve"' : '';
  const s = style === 0 ? '' : ` s="${style}"`;
  return `<c r="${nameOf(column)}${row}" t="inlineStr"${s}><is><t${space}>${xmlText(text)}</t></is></c>`;
}

function numberCell(number: string, column: number, row: number, style: number = styles.plain): string {
  return `<c r="${nameOf(column)}${row}"${style === 0 ? '' : ` s="${style}"`}><v>${number}</v></c>`;
}

function booleanCell(value: boolean, column: number, row: number, style: number = styles.plain): string {
  return `<c r="${nameOf(column)}${row}" t="b"${style === 0 ? '' : ` s="${style}"`}><v>${value ? 1 : 0}</v></c>`;
}

const isNumber = /^-?\d+(\.\d+)?$/;
/** Excel calculates with 15 digits: a longer number would come back as another one. */
const exact = (number: string): boolean => number.replace(/\D/g, '').replace(/^0+/, '').length <= 15;

/** The cell of a stored value, typed by its column; what Excel cannot hold as its type is text. */
export function valueCell(value: OutValue, { type }: OutColumn, column: number, row: number, zone: string): string {
  if (value === null) return '';
  switch (type) {
    case 'integer':
    case 'decimal':
      return isNumber.test(value) && exact(value) ? numberCell(value, column, row) : textCell(value, column, row);
    case 'boolean':
      return value === 'true' || value === 'false'
        ? booleanCell(value === 'true', column, row)
        : textCell(value, column, row);
    case 'date': {
      const serial = serialOfWallTime(Date.parse(`${value}T00:00:00Z`));
      return serial === undefined ? textCell(value, column, row) : numberCell(String(serial), column, row, styles.date);
    }
    case 'datetime': {
      const utc = Date.parse(value);
      const serial = Number.isNaN(utc) ? undefined : serialOfWallTime(wallTimeOfUtc(utc, zone));
      return serial === undefined
        ? textCell(value, column, row)
        : numberCell(serial.toFixed(9), column, row, styles.datetime);
    }
    default:
      return textCell(value, column, row);
  }
}

/** The cell of a row that is given back as it came. */
export function keptCell(cell: KeptCell, column: number, row: number, marked: boolean): string {
  const style = marked ? styles.marked : styles.plain;
  if (cell === null) return marked ? textCell('', column, row, style) : '';
  if (typeof cell === 'number') return numberCell(String(cell), column, row, style);
  if (typeof cell === 'boolean') return booleanCell(cell, column, row, style);
  if (typeof cell === 'string') return textCell(cell, column, row, style);
  const serial = serialOfWallTime(Date.parse(`${cell.date.replace(' ', 'T').padEnd(19, 'T00:00:00')}Z`));
  if (serial === undefined) return textCell(cell.date, column, row, style);
  const whole = Number.isInteger(serial);
  return numberCell(
    whole ? String(serial) : serial.toFixed(9),
    column,
    row,
    marked ? (whole ? styles.markedDate : styles.markedDatetime) : whole ? styles.date : styles.datetime,
  );
}
