import { createHash } from 'node:crypto';

/**
 * Ids for rows that have none: a hash of the row's cells as they stand in the file and of how many equal rows came
 * before it. Two equal fills of one file stay two fills, and importing the file again gives the same ids. The cells are
 * taken unparsed, so that importing again with a corrected time zone or mapping corrects the fills and doubles nothing.
 */
export class RowIds {
  private readonly seen = new Map<string, number>();

  next(cells: readonly string[]): string {
    const row = digest(cells.map((cell) => cell.trim()));
    const occurrence = this.seen.get(row) ?? 0;
    this.seen.set(row, occurrence + 1);
    return digest([row, String(occurrence)]);
  }
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
