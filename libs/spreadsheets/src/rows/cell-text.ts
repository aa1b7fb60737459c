import type { Cell } from '../cells/cell.js';
import { plainNumber } from '../cells/number-text.js';
import { isoDate, isoTime, wallTimeOfSerial, type DateSystem } from '../cells/serial-date.js';

/** What a cell shows, as text: dates in ISO 8601, numbers plain, with the leading zeros of their format. Empty for no cell. */
export function cellText(cell: Cell | undefined, dateSystem: DateSystem): string {
  if (cell === undefined) return '';
  if (cell.kind !== 'number') return cell.text;
  const { format } = cell;
  if (format === undefined) return plainNumber(cell.text) ?? cell.text;
  if (typeof format === 'object') return padded(plainNumber(cell.text) ?? cell.text, format.zeros);
  const serial = Number(cell.text);
  const wall = wallTimeOfSerial(serial, dateSystem);
  if (wall === undefined) return plainNumber(cell.text) ?? cell.text;
  if (format === 'time') return isoTime(wall);
  // A date format on a moment within the day, or the other way round: what is there is shown.
  return Number.isInteger(serial) ? isoDate(wall) : `${isoDate(wall)} ${isoTime(wall)}`;
}

function padded(number: string, zeros: number): string {
  return /^\d+$/.test(number) ? number.padStart(zeros, '0') : number;
}
