import { doubleArea, unitsPerPixel, type Outline } from './outline.js';

/** Pixels that are foreground (1) or not (0), row by row. */
export interface Mask {
  width: number;
  height: number;
  pixels: Uint8Array;
}

export interface TraceLimits {
  /** Corners of all outlines together. */
  points: number;
  outlines: number;
}

// East, south, west, north.
const stepX = [1, 0, -1, 0];
const stepY = [0, 1, 0, -1];
// The pixel ahead to the right and the one ahead to the left of a walker on the corner grid, relative to its corner.
const aheadRightX = [0, -1, -1, 0];
const aheadRightY = [0, 0, -1, -1];
const aheadLeftX = [0, 0, -1, -1];
const aheadLeftY = [-1, 0, 0, -1];

class IntList {
  private items = new Int32Array(256);
  length = 0;

  push(a: number, b: number): void {
    if (this.length + 2 > this.items.length) {
      const grown = new Int32Array(this.items.length * 2);
      grown.set(this.items);
      this.items = grown;
    }
    this.items[this.length++] = a;
    this.items[this.length++] = b;
  }

  take(): Int32Array {
    const taken = this.items.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}

/**
 * The boundaries of a mask, walked along the edges of its pixels. Parts are 4-connected: where two pixels touch at a corner
 * only, each boundary keeps away from the corner by one unit, because meshes that touch in an edge are not watertight for
 * those who weld vertices by position.
 * @returns undefined when there is more than `most` of something
 */
export function traceOutlines(mask: Mask, most: TraceLimits): Outline[] | undefined {
  const { width, height, pixels } = mask;
  const stride = width + 1;
  // Number + 1 of the outline that runs along the left edge of a pixel; pages of it that stay zero cost no memory.
  const leftEdge = new Int32Array(stride * height);
  const outlines: Outline[] = [];
  const list = new IntList();
  let total = 0;
  let parts = 0;
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : pixels[y * width + x]!;

  const walk = (startX: number, startY: number, startDirection: number, id: number): void => {
    let x = startX;
    let y = startY;
    let direction = startDirection;
    do {
      if (direction === 3) leftEdge[(y - 1) * stride + x] = id;
      else if (direction === 1) leftEdge[y * stride + x] = id;
      x += stepX[direction]!;
      y += stepY[direction]!;
      const right = at(x + aheadRightX[direction]!, y + aheadRightY[direction]!);
      const left = at(x + aheadLeftX[direction]!, y + aheadLeftY[direction]!);
      const before = direction;
      if (right === 0) direction = (direction + 1) & 3;
      else if (left === 1) direction = (direction + 3) & 3;
      if (direction !== before) {
        const cx = x * unitsPerPixel;
        const cy = y * unitsPerPixel;
        if (right === 0 && left === 1) {
          list.push(cx - stepX[before]!, cy - stepY[before]!);
          list.push(cx + stepX[direction]!, cy + stepY[direction]!);
        } else list.push(cx, cy);
      }
    } while (x !== startX || y !== startY || direction !== startDirection);
  };

  for (let y = 0; y < height; y += 1) {
    const row = y * width;
    let before = 0;
    let lastEdge = 0;
    for (let x = 0; x <= width; x += 1) {
      const now = x < width ? pixels[row + x]! : 0;
      if (now === before) continue;
      const edge = y * stride + x;
      if (leftEdge[edge] === 0) {
        const id = outlines.length + 1;
        // Background to foreground is passed northwards, foreground to background southwards.
        if (now === 1) walk(x, y + 1, 3, id);
        else walk(x, y, 1, id);
        const points = list.take();
        const hole = doubleArea(points) < 0;
        // The run that ends here began at an edge of the same part, which has been walked already.
        const part = hole ? outlines[lastEdge - 1]!.part : parts++;
        outlines.push({ points, part, hole });
        total += points.length / 2;
        if (total > most.points || outlines.length > most.outlines) return undefined;
      }
      lastEdge = leftEdge[edge]!;
      before = now;
    }
  }
  return outlines;
}
