import type { CellRange } from '../cells/cell-reference.js';
import type { Cell, SheetRow } from '../cells/cell.js';

interface OpenRange {
  range: CellRange;
  cell: Cell | undefined;
}

/**
 * Gives every cell of a merged range the value that the range shows, which the file keeps in its first cell only. Rows that the file
 * leaves out stay left out.
 */
export async function* withMergedCells(
  rows: AsyncIterable<SheetRow>,
  merges: readonly CellRange[],
): AsyncIterable<SheetRow> {
  if (merges.length === 0) {
    yield* rows;
    return;
  }
  const waiting = [...merges].sort((a, b) => b.top - a.top);
  let open: OpenRange[] = [];
  for await (const row of rows) {
    open = open.filter(({ range }) => range.bottom >= row.number);
    while (waiting.length > 0 && waiting.at(-1)!.top <= row.number) {
      const range = waiting.pop()!;
      // A range whose first row is left out is empty.
      const cell = range.top === row.number ? row.cells[range.left] : undefined;
      if (range.bottom >= row.number) open.push({ range, cell });
    }
    for (const { range, cell } of open) fill(row, range, cell);
    yield row;
  }
}

// A range over all columns of Excel would make every row of it 16 384 cells long.
const widest = 256;

function fill(row: SheetRow, { left, right }: CellRange, cell: Cell | undefined): void {
  if (cell === undefined) return;
  for (let column = left; column <= Math.min(right, left + widest); column += 1) row.cells[column] ??= cell;
}
