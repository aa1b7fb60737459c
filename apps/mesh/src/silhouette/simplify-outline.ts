import { unitsPerPixel } from './outline.js';

/** Square of the distance of a point from a segment. */
function distance2(px: number, py: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length2 = dx * dx + dy * dy;
  let t = length2 === 0 ? 0 : ((px - ax) * dx + (py - ay) * dy) / length2;
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  const ex = px - ax - t * dx;
  const ey = py - ay - t * dy;
  return ex * ex + ey * ey;
}

/** The corner farthest from the first one: there the ring is cut in two. */
function farthestFromFirst(points: Int32Array): number {
  let best = 0;
  let found = 0;
  for (let i = 1; i < points.length / 2; i += 1) {
    const d = (points[2 * i]! - points[0]!) ** 2 + (points[2 * i + 1]! - points[1]!) ** 2;
    if (d > best) {
      best = d;
      found = i;
    }
  }
  return found;
}

/**
 * The ring with fewer corners; every corner left out is at most `tolerancePx` away from the edge that replaces it (Douglas,
 * Peucker 1973, "Algorithms for the reduction of the number of points required to represent a digitized line").
 * Fewer than three corners: the ring is smaller than the tolerance.
 */
export function simplifyOutline(points: Int32Array, tolerancePx: number): Int32Array {
  const n = points.length / 2;
  if (n < 3) return points;
  const tolerance2 = (tolerancePx * unitsPerPixel) ** 2;
  const kept = new Uint8Array(n + 1);
  const middle = farthestFromFirst(points);
  kept[0] = 1;
  kept[middle] = 1;
  const stack = [0, middle, middle, n];
  while (stack.length > 0) {
    const to = stack.pop()!;
    const from = stack.pop()!;
    if (to - from < 2) continue;
    const end = to === n ? 0 : to;
    const ax = points[2 * from]!;
    const ay = points[2 * from + 1]!;
    const bx = points[2 * end]!;
    const by = points[2 * end + 1]!;
    let worst = tolerance2;
    let at = -1;
    for (let i = from + 1; i < to; i += 1) {
      const d = distance2(points[2 * i]!, points[2 * i + 1]!, ax, ay, bx, by);
      if (d > worst) {
        worst = d;
        at = i;
      }
    }
    if (at < 0) continue;
    kept[at] = 1;
    stack.push(from, at, at, to);
  }
  let count = 0;
  for (let i = 0; i < n; i += 1) count += kept[i]!;
  const simple = new Int32Array(2 * count);
  for (let i = 0, j = 0; i < n; i += 1) {
    if (!kept[i]) continue;
    simple[j++] = points[2 * i]!;
    simple[j++] = points[2 * i + 1]!;
  }
  return simple;
}
