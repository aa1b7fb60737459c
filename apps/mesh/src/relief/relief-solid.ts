import type { Solid } from '../solid/solid.js';
import { fullLevel, type HeightField, type Terrain } from './height-field.js';

export interface ReliefShape {
  /** Longer side of the field. */
  sizeMm: number;
  /** From level 0 to the full level. */
  heightMm: number;
  /** Below level 0. */
  baseMm: number;
}

/**
 * The solid between a terrain and the plane below it. The bottom is a fan round a vertex in its middle: every vertex of the
 * border is in it, also those on a straight side.
 */
export function reliefSolid(field: HeightField, terrain: Terrain, { sizeMm, heightMm, baseMm }: ReliefShape): Solid {
  const { columns, rows, triangles } = terrain;
  const border = borderOf(field, terrain);
  const top = columns.length;
  const scale = sizeMm / (Math.max(field.width, field.height) - 1);
  const positions = new Float32Array(3 * (top + border.length + 1));
  const put = (vertex: number, column: number, row: number, z: number): void => {
    positions[3 * vertex] = column * scale;
    positions[3 * vertex + 1] = (field.height - 1 - row) * scale;
    positions[3 * vertex + 2] = z;
  };
  for (let v = 0; v < top; v += 1) {
    const level = field.levels[rows[v]! * field.width + columns[v]!]!;
    put(v, columns[v]!, rows[v]!, baseMm + (level / fullLevel) * heightMm);
  }
  border.forEach((v, i) => put(top + i, columns[v]!, rows[v]!, 0));
  const middle = top + border.length;
  put(middle, (field.width - 1) / 2, (field.height - 1) / 2, 0);

  const indices = new Uint32Array(triangles.length + 9 * border.length);
  // Clockwise with y down is counter-clockwise with y up only after a swap.
  for (let i = 0; i < triangles.length; i += 3) {
    indices[i] = triangles[i]!;
    indices[i + 1] = triangles[i + 2]!;
    indices[i + 2] = triangles[i + 1]!;
  }
  let at = triangles.length;
  border.forEach((v, i) => {
    const next = (i + 1) % border.length;
    const w = border[next]!;
    indices.set([w, v, top + i, w, top + i, top + next, middle, top + next, top + i], at);
    at += 9;
  });
  return { positions, indices };
}

/** The vertices on the border, counter-clockwise with y up: down the left side, along the bottom, up, and back along the top. */
function borderOf({ width, height }: HeightField, { columns, rows }: Terrain): number[] {
  const right = width - 1;
  const bottom = height - 1;
  const along = (v: number): number | undefined => {
    const x = columns[v]!;
    const y = rows[v]!;
    if (x === 0 && y < bottom) return y;
    if (y === bottom && x < right) return bottom + x;
    if (x === right && y > 0) return bottom + right + (bottom - y);
    if (y === 0) return 2 * bottom + right + (right - x);
    return undefined;
  };
  const found: [number, number][] = [];
  for (let v = 0; v < columns.length; v += 1) {
    const place = along(v);
    if (place !== undefined) found.push([place, v]);
  }
  return found.sort(([a], [b]) => a - b).map(([, v]) => v);
}
