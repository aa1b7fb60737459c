import type { HeightField } from './height-field.js';

// A triangle with more points than this is looked at with gaps at first: what is wrong with it shows soon enough.
const samplesAtFirst = 128;

/** Looks for the point of a triangle at which the field is farthest from the triangle's plane. */
export class WorstPoint {
  /** After `find` has answered true: the point's place in the field, and how far it is. */
  at = -1;
  error = 0;
  private readonly levels: Uint16Array;
  private readonly width: number;
  // The plane of the triangle: z = az + (x - ax) zx + (y - ay) zy.
  private ax = 0;
  private ay = 0;
  private az = 0;
  private zx = 0;
  private zy = 0;

  constructor(
    { levels, width }: HeightField,
    private readonly maxError: number,
  ) {
    this.levels = levels;
    this.width = width;
  }

  /** Corners in any order, not in a line. False: no point of the triangle is farther than the largest error, every one was looked at. */
  find(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): boolean {
    const { levels, width } = this;
    const area2 = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    const az = levels[ay * width + ax]!;
    const bz = levels[by * width + bx]! - az;
    const cz = levels[cy * width + cx]! - az;
    this.ax = ax;
    this.ay = ay;
    this.az = az;
    this.zx = (bz * (cy - ay) - cz * (by - ay)) / area2;
    this.zy = (cz * (bx - ax) - bz * (cx - ax)) / area2;
    this.at = -1;
    this.error = this.maxError;
    let step = 1;
    while (Math.abs(area2) > 2 * samplesAtFirst * step * step) step *= 2;
    // From the top down: the edge from the first to the last corner is on one side, the other two are on the other.
    if (ay <= by && ay <= cy) {
      if (by <= cy) this.look(ax, ay, bx, by, cx, cy, step);
      else this.look(ax, ay, cx, cy, bx, by, step);
    } else if (by <= cy) {
      if (ay <= cy) this.look(bx, by, ax, ay, cx, cy, step);
      else this.look(bx, by, cx, cy, ax, ay, step);
    } else if (ay <= by) this.look(cx, cy, ax, ay, bx, by, step);
    else this.look(cx, cy, bx, by, ax, ay, step);
    return this.at >= 0;
  }

  private look(tx: number, ty: number, mx: number, my: number, bx: number, by: number, step: number): void {
    for (let gap = step; ; gap = 1) {
      const longIsLeft = (bx - tx) * (my - ty) < (mx - tx) * (by - ty);
      // The row of the middle corner belongs to the lower half, unless that is empty.
      const upperEnd = by > my ? my - 1 : my;
      const next = this.rows(tx, ty, bx, by, tx, ty, mx, my, longIsLeft, ty, upperEnd, gap);
      if (by > my) this.rows(tx, ty, bx, by, mx, my, bx, by, longIsLeft, next, by, gap);
      if (this.at >= 0 || gap === 1) return;
    }
  }

  /** Rows between the long edge (l) and a short one (s), every `step`th of them. Answers the row to go on with. */
  private rows(
    l0x: number,
    l0y: number,
    l1x: number,
    l1y: number,
    s0x: number,
    s0y: number,
    s1x: number,
    s1y: number,
    longIsLeft: boolean,
    first: number,
    last: number,
    step: number,
  ): number {
    const { levels, width, ax, ay, az, zx, zy } = this;
    const dz = zx * step;
    const longHeight = l1y - l0y;
    const shortHeight = s1y - s0y;
    const longSlope = l1x - l0x;
    const shortSlope = s1x - s0x;
    let { error, at } = this;
    let y = first;
    for (; y <= last; y += step) {
      // Quotients of whole numbers: rounding them is exact.
      const long = (l0x * longHeight + (y - l0y) * longSlope) / longHeight;
      const short = (s0x * shortHeight + (y - s0y) * shortSlope) / shortHeight;
      const from = Math.ceil(longIsLeft ? long : short);
      const end = y * width + Math.floor(longIsLeft ? short : long);
      let z = az + (from - ax) * zx + (y - ay) * zy;
      for (let i = y * width + from; i <= end; i += step) {
        const difference = levels[i]! - z;
        const far = difference < 0 ? -difference : difference;
        if (far > error) {
          error = far;
          at = i;
        }
        z += dz;
      }
    }
    this.error = error;
    this.at = at;
    return y;
  }
}
