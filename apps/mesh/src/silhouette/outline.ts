/**
 * Outlines live on a grid finer than the pixels, in whole numbers: what is computed with them (which side, whether they
 * cross) is exact in double arithmetic.
 */
export const unitsPerPixel = 32;

/**
 * A closed ring of corners: x0, y0, x1, y1 … in units, y down as in the image. The foreground lies to the right of its
 * direction (in an image with y down), so that its area is positive for the outer boundary of a part and negative for a hole's.
 */
export interface Outline {
  points: Int32Array;
  /** Number of the part that it bounds; an outer boundary and its holes share it. */
  part: number;
  hole: boolean;
}

/** Twice the signed area in square units. */
export function doubleArea(points: Int32Array): number {
  let sum = 0;
  const n = points.length;
  let px = points[n - 2]!;
  let py = points[n - 1]!;
  for (let i = 0; i < n; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    sum += px * y - x * py;
    px = x;
    py = y;
  }
  return sum;
}

/** In pixels. */
export function perimeterPx(points: Int32Array): number {
  let sum = 0;
  const n = points.length;
  for (let i = 0, j = n - 2; i < n; j = i, i += 2) {
    sum += Math.hypot(points[i]! - points[j]!, points[i + 1]! - points[j + 1]!);
  }
  return sum / unitsPerPixel;
}
