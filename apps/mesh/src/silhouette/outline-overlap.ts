import { unitsPerPixel, type Outline } from './outline.js';
import type { Mask } from './trace-outlines.js';

/**
 * Intersection over union of what the outlines enclose and the mask, counted at the pixels' centres. 1: the same pixels.
 * @param foreground pixels of the mask that are set
 */
export function outlineOverlap(
  outlines: readonly Outline[],
  { width, height, pixels }: Mask,
  foreground: number,
): number {
  const crossings: number[][] = Array.from({ length: height }, () => []);
  for (const { points } of outlines) {
    const n = points.length;
    for (let i = 0; i < n; i += 2) {
      const x1 = points[i]! / unitsPerPixel;
      const y1 = points[i + 1]! / unitsPerPixel - 0.5;
      const j = i + 2 === n ? 0 : i + 2;
      const x2 = points[j]! / unitsPerPixel;
      const y2 = points[j + 1]! / unitsPerPixel - 0.5;
      const slope = (x2 - x1) / (y2 - y1);
      const last = Math.min(height - 1, Math.ceil(Math.max(y1, y2)) - 1);
      for (let y = Math.max(0, Math.ceil(Math.min(y1, y2))); y <= last; y += 1) {
        crossings[y]!.push(x1 + (y - y1) * slope);
      }
    }
  }
  let enclosed = 0;
  let both = 0;
  for (let y = 0; y < height; y += 1) {
    const row = crossings[y]!.sort((a, b) => a - b);
    for (let i = 0; i + 1 < row.length; i += 2) {
      const from = y * width + Math.max(0, Math.ceil(row[i]! - 0.5));
      const to = y * width + Math.min(width, Math.ceil(row[i + 1]! - 0.5));
      if (to <= from) continue;
      enclosed += to - from;
      for (let at = from; at < to; at += 1) both += pixels[at]!;
    }
  }
  const union = enclosed + foreground - both;
  return union === 0 ? 0 : both / union;
}
