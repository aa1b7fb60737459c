import type { HeightField, Terrain } from './height-field.js';

export interface HeightError {
  /** Root of the mean square and largest difference over all points, in levels. */
  rms: number;
  max: number;
}

/**
 * How far a terrain is from the field that it stands for, measured anew at every point of the grid. Points on an edge count
 * for the triangle to its right or below.
 */
export function heightError(
  { width, height, levels }: HeightField,
  { columns, rows, triangles }: Terrain,
): HeightError {
  let sum = 0;
  let max = 0;
  let points = 0;
  for (let i = 0; i < triangles.length; i += 3) {
    let a = triangles[i]!;
    let b = triangles[i + 1]!;
    let c = triangles[i + 2]!;
    // By row, so that an edge is computed alike for both of its triangles.
    if (rows[a]! > rows[b]!) [a, b] = [b, a];
    if (rows[b]! > rows[c]!) [b, c] = [c, b];
    if (rows[a]! > rows[b]!) [a, b] = [b, a];
    const ax = columns[a]!;
    const ay = rows[a]!;
    const bx = columns[b]!;
    const by = rows[b]!;
    const cx = columns[c]!;
    const cy = rows[c]!;
    const az = levels[ay * width + ax]!;
    const bz = levels[by * width + bx]! - az;
    const cz = levels[cy * width + cx]! - az;
    const area2 = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    const zx = (bz * (cy - ay) - cz * (by - ay)) / area2;
    const zy = (cz * (bx - ax) - bz * (cx - ax)) / area2;
    const last = cy === height - 1 ? cy : cy - 1;
    // Rows of its edge on the right border, if it has one: what no other triangle is to the left of.
    const borderRows = [a, b, c].filter((v) => columns[v] === width - 1).map((v) => rows[v]!);
    const [borderFrom, borderTo] = borderRows.length < 2 ? [1, 0] : [Math.min(...borderRows), Math.max(...borderRows)];
    for (let y = ay; y <= last; y += 1) {
      const x1 = edgeAt(ax, ay, cx, cy, y);
      const x2 = y < by || by === cy ? edgeAt(ax, ay, bx, by, y) : edgeAt(bx, by, cx, cy, y);
      const left = y === ay && ay === by ? Math.min(ax, bx) : Math.min(x1, x2);
      const right =
        y === ay && ay === by ? Math.max(ax, bx) : y === cy && by === cy ? Math.max(bx, cx) : Math.max(x1, x2);
      const from = Math.ceil(y === cy && by === cy ? Math.min(bx, cx) : left);
      const onBorder = y >= borderFrom && (y < borderTo || (y === borderTo && y === height - 1));
      const to = onBorder ? width : Math.ceil(right);
      for (let x = from; x < to; x += 1) {
        const difference = Math.abs(levels[y * width + x]! - (az + (x - ax) * zx + (y - ay) * zy));
        sum += difference * difference;
        if (difference > max) max = difference;
        points += 1;
      }
    }
  }
  return { rms: Math.sqrt(sum / points), max };
}

function edgeAt(x1: number, y1: number, x2: number, y2: number, y: number): number {
  return y1 === y2 ? x1 : x1 + ((y - y1) * (x2 - x1)) / (y2 - y1);
}
