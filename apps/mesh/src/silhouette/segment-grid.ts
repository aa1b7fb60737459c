import type { Outline } from './outline.js';

/** The sign of the turn a → b → c, exactly: coordinates are whole numbers below 2^24. */
function turn(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

function between(a: number, b: number, c: number): boolean {
  return a <= b ? a <= c && c <= b : b <= c && c <= a;
}

/** Edges of outlines in a grid of cells, to find those that meet others. */
export class SegmentGrid {
  private readonly ax: Int32Array;
  private readonly ay: Int32Array;
  private readonly bx: Int32Array;
  private readonly by: Int32Array;
  private readonly ring: Int32Array;
  /** The edge after it in its ring. */
  private readonly next: Int32Array;

  constructor(outlines: readonly Outline[]) {
    const n = outlines.reduce((sum, { points }) => sum + points.length / 2, 0);
    this.ax = new Int32Array(n);
    this.ay = new Int32Array(n);
    this.bx = new Int32Array(n);
    this.by = new Int32Array(n);
    this.ring = new Int32Array(n);
    this.next = new Int32Array(n);
    let at = 0;
    outlines.forEach(({ points }, ring) => {
      const first = at;
      const size = points.length / 2;
      for (let i = 0; i < size; i += 1, at += 1) {
        const j = (i + 1) % size;
        this.ax[at] = points[2 * i]!;
        this.ay[at] = points[2 * i + 1]!;
        this.bx[at] = points[2 * j]!;
        this.by[at] = points[2 * j + 1]!;
        this.ring[at] = ring;
        this.next[at] = first + j;
      }
    });
  }

  /** The rings of which an edge meets another edge, of the same ring or of another, be it in one point. */
  ringsThatMeet(): Set<number> {
    return new Set([...this.edgesThatMeet()].map((edge) => this.ring[edge]!));
  }

  /** The edges that meet another one, by the number of the corner where they begin, counted over all rings. */
  edgesThatMeet(): Set<number> {
    const { start, items } = this.cells();
    const found = new Set<number>();
    for (let cell = 0; cell + 1 < start.length; cell += 1) {
      for (let i = start[cell]!; i < start[cell + 1]!; i += 1) {
        for (let j = i + 1; j < start[cell + 1]!; j += 1) {
          const a = items[i]!;
          const b = items[j]!;
          if (!this.meet(a, b)) continue;
          found.add(a).add(b);
        }
      }
    }
    return found;
  }

  private meet(a: number, b: number): boolean {
    const { ax, ay, bx, by, next } = this;
    const a1x = ax[a]!;
    const a1y = ay[a]!;
    const a2x = bx[a]!;
    const a2y = by[a]!;
    const b1x = ax[b]!;
    const b1y = ay[b]!;
    const b2x = bx[b]!;
    const b2y = by[b]!;
    if (next[a] === b || next[b] === a) {
      // Neighbours share a corner; they meet elsewhere only when one folds back onto the other.
      const [px, py, qx, qy, rx, ry] = next[a] === b ? [a1x, a1y, a2x, a2y, b2x, b2y] : [b1x, b1y, b2x, b2y, a2x, a2y];
      if (next[a] === b && next[b] === a) return true;
      return turn(px, py, qx, qy, rx, ry) === 0 && (px - qx) * (rx - qx) + (py - qy) * (ry - qy) > 0;
    }
    const d1 = turn(a1x, a1y, a2x, a2y, b1x, b1y);
    const d2 = turn(a1x, a1y, a2x, a2y, b2x, b2y);
    if ((d1 > 0 && d2 > 0) || (d1 < 0 && d2 < 0)) return false;
    const d3 = turn(b1x, b1y, b2x, b2y, a1x, a1y);
    const d4 = turn(b1x, b1y, b2x, b2y, a2x, a2y);
    if ((d3 > 0 && d4 > 0) || (d3 < 0 && d4 < 0)) return false;
    if (d1 !== 0 || d2 !== 0 || d3 !== 0 || d4 !== 0) return true;
    // All on one line: they meet when their boxes do.
    return (
      (between(a1x, a2x, b1x) && between(a1y, a2y, b1y)) ||
      (between(a1x, a2x, b2x) && between(a1y, a2y, b2y)) ||
      (between(b1x, b2x, a1x) && between(b1y, b2y, a1y))
    );
  }

  /** Edges by cell: each is in every cell that its box touches and that its line passes. */
  private cells(): { start: Uint32Array; items: Uint32Array } {
    const { ax, ay, bx, by } = this;
    const n = ax.length;
    let minX = Infinity;
    let minY = Infinity;
    let maxX = -Infinity;
    let maxY = -Infinity;
    for (let i = 0; i < n; i += 1) {
      minX = Math.min(minX, ax[i]!);
      maxX = Math.max(maxX, ax[i]!);
      minY = Math.min(minY, ay[i]!);
      maxY = Math.max(maxY, ay[i]!);
    }
    const side = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(n))));
    const sizeX = Math.max(1, Math.ceil((maxX - minX + 1) / side));
    const sizeY = Math.max(1, Math.ceil((maxY - minY + 1) / side));
    const visit = (i: number, use: (cell: number) => void): void => {
      const x1 = ax[i]! - minX;
      const y1 = ay[i]! - minY;
      const x2 = bx[i]! - minX;
      const y2 = by[i]! - minY;
      const firstRow = Math.floor(Math.min(y1, y2) / sizeY);
      const lastRow = Math.floor(Math.max(y1, y2) / sizeY);
      for (let row = firstRow; row <= lastRow; row += 1) {
        let from = Math.min(x1, x2);
        let to = Math.max(x1, x2);
        if (lastRow > firstRow) {
          // Only what of the line lies in this row of cells, one unit wider on both sides for rounding.
          const slope = (x2 - x1) / (y2 - y1);
          const xa = x1 + (row * sizeY - y1) * slope;
          const xb = x1 + ((row + 1) * sizeY - y1) * slope;
          from = Math.max(from, Math.min(xa, xb) - 1);
          to = Math.min(to, Math.max(xa, xb) + 1);
        }
        const last = Math.min(side - 1, Math.floor(to / sizeX));
        for (let column = Math.max(0, Math.floor(from / sizeX)); column <= last; column += 1) use(row * side + column);
      }
    };
    const start = new Uint32Array(side * side + 1);
    for (let i = 0; i < n; i += 1) visit(i, (cell) => (start[cell + 1] = start[cell + 1]! + 1));
    for (let cell = 0; cell < side * side; cell += 1) start[cell + 1] = start[cell + 1]! + start[cell]!;
    const items = new Uint32Array(start[side * side]!);
    const fill = start.slice(0, side * side);
    for (let i = 0; i < n; i += 1) visit(i, (cell) => (items[fill[cell]!++] = i));
    return { start, items };
  }
}
