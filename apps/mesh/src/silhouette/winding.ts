import { unitsPerPixel, type Outline } from './outline.js';

/** Edges of outlines by the pixel rows that they pass. */
class RowIndex {
  private readonly rows = new Map<number, number[]>();

  constructor(private readonly outlines: readonly Outline[]) {
    outlines.forEach(({ points }, ring) => {
      const n = points.length;
      for (let i = 0; i < n; i += 2) {
        const y1 = points[i + 1]!;
        const y2 = points[(i + 3) % n]!;
        const last = Math.floor(Math.max(y1, y2) / unitsPerPixel);
        for (let row = Math.floor(Math.min(y1, y2) / unitsPerPixel); row <= last; row += 1) {
          const found = this.rows.get(row);
          if (found) found.push(ring, i);
          else this.rows.set(row, [ring, i]);
        }
      }
    });
  }

  /** How often the other rings wind round the point, by the edges to its left. */
  windingAt(x: number, y: number, own: number): number {
    const edges = this.rows.get(Math.floor(y / unitsPerPixel)) ?? [];
    let winding = 0;
    for (let i = 0; i < edges.length; i += 2) {
      if (edges[i] === own) continue;
      const { points } = this.outlines[edges[i]!]!;
      const at = edges[i + 1]!;
      const next = (at + 2) % points.length;
      const x1 = points[at]!;
      const y1 = points[at + 1]!;
      const x2 = points[next]!;
      const y2 = points[next + 1]!;
      if (y1 > y === y2 > y) continue;
      if (x1 + ((y - y1) * (x2 - x1)) / (y2 - y1) < x) winding += y2 > y1 ? -1 : 1;
    }
    return winding;
  }
}

/**
 * Rings that lie where they must not: an outer boundary outside of everything or in a hole has nothing around it, a hole
 * exactly its part. Simplifying can move a ring past another one without crossing it. The rings must not meet.
 */
export function wronglyNested(outlines: readonly Outline[]): number[] {
  const index = new RowIndex(outlines);
  return outlines.flatMap(({ points, hole }, ring) => {
    let leftmost = 0;
    for (let i = 2; i < points.length; i += 2) if (points[i]! < points[leftmost]!) leftmost = i;
    const winding = index.windingAt(points[leftmost]!, points[leftmost + 1]!, ring);
    return winding === (hole ? 1 : 0) ? [] : [ring];
  });
}
