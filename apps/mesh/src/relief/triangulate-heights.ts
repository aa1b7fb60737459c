import type { HeightField, Terrain } from './height-field.js';
import { WorstFirst } from './worst-first.js';
import { WorstPoint } from './worst-point.js';

export interface TriangulationOptions {
  /** Largest difference between surface and field, in levels. */
  maxError: number;
  /** It ends at this many triangles, whatever the error. */
  maxTriangles: number;
  /** Called from time to time with the largest error left. */
  onProgress?: (error: number, triangles: number) => void;
}

const progressEvery = 4096;

/**
 * A surface whose difference to the height field is nowhere larger than asked for: a Delaunay triangulation that is refined
 * at the point with the largest error (Garland, Heckbert 1995, "Fast polygonal approximation of terrains and height fields").
 * Before a triangle counts as good every point of it has been looked at.
 */
export function triangulateHeights(field: HeightField, options: TriangulationOptions): Terrain {
  return new Triangulation(field, options).run();
}

class Triangulation {
  private readonly width: number;
  private readonly worstPoint: WorstPoint;
  private capacity = 16_384;
  private columns = new Uint16Array(this.capacity);
  private rows = new Uint16Array(this.capacity);
  private vertices = 0;
  /** Three vertices a triangle, and for each of its edges the same edge in the neighbour (-1: none). */
  private corners = new Int32Array(3 * this.capacity);
  private twins = new Int32Array(3 * this.capacity);
  private count = 0;
  private readonly queue = new WorstFirst(this.capacity);
  /** Point of the largest error of a triangle. */
  private candidates = new Uint32Array(this.capacity);
  private pending = new Int32Array(1024);
  private pendingCount = 0;
  private isPending = new Uint8Array(this.capacity);
  private worst = 0;
  private readonly flips: number[] = [];

  constructor(
    private readonly field: HeightField,
    private readonly options: TriangulationOptions,
  ) {
    this.width = field.width;
    this.worstPoint = new WorstPoint(field, options.maxError);
  }

  run(): Terrain {
    const { options, queue } = this;
    this.begin();
    for (let step = 1; queue.size > 0 && this.count + 2 <= options.maxTriangles; step += 1) {
      this.insertWorst();
      this.examinePending();
      if (step % progressEvery === 0) options.onProgress?.(this.worst, this.count);
    }
    return {
      columns: this.columns.slice(0, this.vertices),
      rows: this.rows.slice(0, this.vertices),
      triangles: Uint32Array.from(this.corners.subarray(0, 3 * this.count)),
      limited: queue.size > 0,
    };
  }

  private begin(): void {
    const right = this.field.width - 1;
    const bottom = this.field.height - 1;
    const a = this.addVertex(0, 0);
    const b = this.addVertex(right, 0);
    const c = this.addVertex(0, bottom);
    const d = this.addVertex(right, bottom);
    const t0 = this.newTriangle();
    const t1 = this.newTriangle();
    this.setTriangle(t0, d, a, b, -1, -1, -1);
    this.setTriangle(t1, a, d, c, -1, -1, -1);
    this.link(3 * t0, 3 * t1);
    this.examinePending();
  }

  private addVertex(column: number, row: number): number {
    this.columns[this.vertices] = column;
    this.rows[this.vertices] = row;
    return this.vertices++;
  }

  private newTriangle(): number {
    if (this.count + 1 >= this.capacity) this.grow();
    return this.count++;
  }

  private grow(): void {
    const capacity = this.capacity * 2;
    const copy = <T extends Uint16Array | Int32Array | Uint32Array | Uint8Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.columns = copy(new Uint16Array(capacity), this.columns);
    this.rows = copy(new Uint16Array(capacity), this.rows);
    this.corners = copy(new Int32Array(3 * capacity), this.corners);
    this.twins = copy(new Int32Array(3 * capacity), this.twins);
    this.candidates = copy(new Uint32Array(capacity), this.candidates);
    this.isPending = copy(new Uint8Array(capacity), this.isPending);
    this.queue.grow(capacity);
    this.capacity = capacity;
  }

  /** Edge 3t runs from a to b, 3t + 1 from b to c, 3t + 2 from c to a. */
  private setTriangle(t: number, a: number, b: number, c: number, ab: number, bc: number, ca: number): void {
    const { corners } = this;
    const e = 3 * t;
    corners[e] = a;
    corners[e + 1] = b;
    corners[e + 2] = c;
    this.link(e, ab);
    this.link(e + 1, bc);
    this.link(e + 2, ca);
    this.queue.delete(t);
    if (this.isPending[t] === 0) {
      this.isPending[t] = 1;
      if (this.pendingCount === this.pending.length) {
        const grown = new Int32Array(this.pending.length * 2);
        grown.set(this.pending);
        this.pending = grown;
      }
      this.pending[this.pendingCount++] = t;
    }
  }

  private link(edge: number, twin: number): void {
    this.twins[edge] = twin;
    if (twin >= 0) this.twins[twin] = edge;
  }

  private examinePending(): void {
    for (let i = 0; i < this.pendingCount; i += 1) {
      const t = this.pending[i]!;
      this.isPending[t] = 0;
      this.examine(t);
    }
    this.pendingCount = 0;
  }

  /** Queues the triangle when it is too far from the field somewhere. */
  private examine(t: number): void {
    const { columns, rows, corners, worstPoint } = this;
    const a = corners[3 * t]!;
    const b = corners[3 * t + 1]!;
    const c = corners[3 * t + 2]!;
    if (!worstPoint.find(columns[a]!, rows[a]!, columns[b]!, rows[b]!, columns[c]!, rows[c]!)) return;
    this.candidates[t] = worstPoint.at;
    this.queue.set(t, worstPoint.error);
  }

  private insertWorst(): void {
    const { corners, columns, rows, twins, width } = this;
    const t = this.queue.pop();
    const point = this.candidates[t]!;
    const px = point % width;
    const py = (point - px) / width;
    const e0 = 3 * t;
    const a = corners[e0]!;
    const b = corners[e0 + 1]!;
    const c = corners[e0 + 2]!;
    const p = this.addVertex(px, py);
    const side = (i: number, j: number): number =>
      (columns[j]! - columns[i]!) * (py - rows[i]!) - (rows[j]! - rows[i]!) * (px - columns[i]!);
    if (side(a, b) === 0) this.splitEdge(e0, p);
    else if (side(b, c) === 0) this.splitEdge(e0 + 1, p);
    else if (side(c, a) === 0) this.splitEdge(e0 + 2, p);
    else {
      const ab = twins[e0]!;
      const bc = twins[e0 + 1]!;
      const ca = twins[e0 + 2]!;
      const t1 = this.newTriangle();
      const t2 = this.newTriangle();
      this.setTriangle(t, a, b, p, ab, -1, -1);
      this.setTriangle(t1, b, c, p, bc, -1, 3 * t + 1);
      this.setTriangle(t2, c, a, p, ca, 3 * t + 2, 3 * t1 + 1);
      this.flips.push(3 * t, 3 * t1, 3 * t2);
    }
    this.legalize();
  }

  /** Puts a vertex into the middle of an edge: its two triangles (or the one at the border) become four. */
  private splitEdge(edge: number, p: number): void {
    const { corners, twins } = this;
    const base = edge - (edge % 3);
    const e1 = base + ((edge + 1) % 3);
    const e2 = base + ((edge + 2) % 3);
    const t = base / 3;
    const a = corners[edge]!;
    const b = corners[e1]!;
    const c = corners[e2]!;
    const bc = twins[e1]!;
    const ca = twins[e2]!;
    const twin = twins[edge]!;
    const t1 = this.newTriangle();
    if (twin < 0) {
      this.setTriangle(t, c, a, p, ca, -1, -1);
      this.setTriangle(t1, b, c, p, bc, 3 * t + 2, -1);
      this.flips.push(3 * t, 3 * t1);
      return;
    }
    const otherBase = twin - (twin % 3);
    const f1 = otherBase + ((twin + 1) % 3);
    const f2 = otherBase + ((twin + 2) % 3);
    const u = otherBase / 3;
    const d = this.corners[f2]!;
    const ad = this.twins[f1]!;
    const db = this.twins[f2]!;
    const u1 = this.newTriangle();
    this.setTriangle(t, c, a, p, ca, -1, -1);
    this.setTriangle(t1, b, c, p, bc, 3 * t + 2, -1);
    this.setTriangle(u, a, d, p, ad, -1, 3 * t + 1);
    this.setTriangle(u1, d, b, p, db, 3 * t1 + 2, 3 * u + 1);
    this.flips.push(3 * t, 3 * t1, 3 * u, 3 * u1);
  }

  /** Turns edges opposite to the new vertex until the triangulation is Delaunay again (Lawson 1977). */
  private legalize(): void {
    const { flips } = this;
    while (flips.length > 0) {
      const edge = flips.pop()!;
      const twin = this.twins[edge]!;
      if (twin < 0) continue;
      const base = edge - (edge % 3);
      const e1 = base + ((edge + 1) % 3);
      const e2 = base + ((edge + 2) % 3);
      const otherBase = twin - (twin % 3);
      const f1 = otherBase + ((twin + 1) % 3);
      const f2 = otherBase + ((twin + 2) % 3);
      const a = this.corners[edge]!;
      const b = this.corners[e1]!;
      const p = this.corners[e2]!;
      const d = this.corners[f2]!;
      if (!this.inCircle(a, b, p, d)) continue;
      const pa = this.twins[e2]!;
      const bp = this.twins[e1]!;
      const ad = this.twins[f1]!;
      const db = this.twins[f2]!;
      const t = base / 3;
      const u = otherBase / 3;
      this.setTriangle(t, a, d, p, ad, -1, pa);
      this.setTriangle(u, d, b, p, db, bp, 3 * t + 1);
      flips.push(3 * t, 3 * u);
    }
  }

  /** Whether d lies inside the circle through a, b and p. Exact up to 4096 points a side. */
  private inCircle(a: number, b: number, p: number, d: number): boolean {
    const { columns, rows } = this;
    const dx = columns[d]!;
    const dy = rows[d]!;
    const ax = columns[a]! - dx;
    const ay = rows[a]! - dy;
    const bx = columns[b]! - dx;
    const by = rows[b]! - dy;
    const px = columns[p]! - dx;
    const py = rows[p]! - dy;
    const a2 = ax * ax + ay * ay;
    const b2 = bx * bx + by * by;
    const p2 = px * px + py * py;
    return ax * (by * p2 - b2 * py) - ay * (bx * p2 - b2 * px) + a2 * (bx * py - by * px) > 0;
  }
}
