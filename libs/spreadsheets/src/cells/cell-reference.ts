/** Column from 0 of a reference such as "AB12"; -1 when there is none. */
export function columnOf(reference: string): number {
  let column = 0;
  let i = 0;
  for (; i < reference.length; i += 1) {
    const code = reference.charCodeAt(i);
    // A … Z, a … z; others end the letters.
    const letter = code >= 97 ? code - 96 : code - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
    if (column > 1_000_000) return column - 1;
  }
  return i === 0 ? -1 : column - 1;
}

/** Row from 1 of a reference such as "AB12"; 0 when there is none. */
export function rowOf(reference: string): number {
  let row = 0;
  let place = 1;
  for (let i = reference.length - 1; i >= 0 && place < 1e10; i -= 1, place *= 10) {
    const digit = reference.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) break;
    row += digit * place;
  }
  return row;
}

/** "A", "B" … "XFD". */
export function columnName(column: number): string {
  let name = '';
  for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26)) name = String.fromCharCode(65 + ((n - 1) % 26)) + name;
  return name;
}

/** Both corners are inside; columns from 0, rows from 1. */
export interface CellRange {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** "B2:D4"; undefined when it is no range. */
export function rangeOf(reference: string): CellRange | undefined {
  const [from = '', to = from] = reference.replaceAll('$', '').split(':');
  const range = { top: rowOf(from), bottom: rowOf(to), left: columnOf(from), right: columnOf(to) };
  const inOrder = range.top >= 1 && range.bottom >= range.top && range.left >= 0 && range.right >= range.left;
  return inOrder ? range : undefined;
}
