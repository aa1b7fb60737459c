import { unitsPerPixel } from './outline.js';

const toPixel = (units: number): number => Math.round(units / unitsPerPixel);

/** The middles of the pixel edges that a traced outline runs along: the same boundary without stairs. */
export function middlesOf(points: Int32Array): Int32Array {
  const n = points.length;
  let length = 0;
  for (let i = 0; i < n; i += 2) length += pixelsBetween(points, i, (i + 2) % n);
  const middles = new Int32Array(2 * length);
  let at = 0;
  for (let i = 0; i < n; i += 2) {
    const j = (i + 2) % n;
    const pixels = pixelsBetween(points, i, j);
    if (pixels === 0) continue;
    const x = toPixel(points[i]!);
    const y = toPixel(points[i + 1]!);
    const stepX = Math.sign(toPixel(points[j]!) - x);
    const stepY = Math.sign(toPixel(points[j + 1]!) - y);
    for (let k = 0; k < pixels; k += 1) {
      middles[at++] = (x + stepX * (k + 0.5)) * unitsPerPixel;
      middles[at++] = (y + stepY * (k + 0.5)) * unitsPerPixel;
    }
  }
  return middles;
}

/** 0 for the short cut round a corner where two parts touch. */
function pixelsBetween(points: Int32Array, i: number, j: number): number {
  const dx = points[j]! - points[i]!;
  const dy = points[j + 1]! - points[i + 1]!;
  if (dx !== 0 && dy !== 0) return 0;
  return (
    Math.abs(toPixel(points[j]!) - toPixel(points[i]!)) + Math.abs(toPixel(points[j + 1]!) - toPixel(points[i + 1]!))
  );
}
