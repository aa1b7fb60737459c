import { JobFailure } from '@roundhouse/jobs';
import ManifoldModule from 'manifold-3d';
import type { Solid } from '../solid/solid.js';
import { doubleArea, unitsPerPixel, type Outline } from './outline.js';
import { SegmentGrid } from './segment-grid.js';
import { wronglyNested } from './winding.js';

export interface ExtrusionOptions {
  /** Millimetres a pixel. */
  scale: number;
  /** Of the image in pixels: its lower left corner becomes the origin. */
  height: number;
  thickness: number;
  /** Width and height of the slanted upper edge; 0: none. */
  bevel: number;
  /** Of the plate below; 0: none. */
  plate: number;
  plateMargin: number;
}

const wasm = ManifoldModule().then((module) => {
  module.setup();
  return module;
});

/** Beyond this the caps take minutes and gigabytes. */
export const maxCorners = 400_000;

type Rings = readonly Int32Array[];

/**
 * The solid above the outlines, which must not meet: walls, a cap above and one below (or a plate), with an optional slanted
 * upper edge. Every edge of a wall is an edge of a cap, so it is closed by construction.
 */
export async function extrudeOutlines(outlines: readonly Outline[], options: ExtrusionOptions): Promise<Solid> {
  const rings = outlines.map(({ points }) => points);
  const corners = rings.reduce((sum, ring) => sum + ring.length / 2, 0);
  if (corners > maxCorners) {
    throw new JobFailure(
      'INVALID_INPUT',
      `The outlines have ${corners} corners and may have ${maxCorners}: raise max_error_px or min_area_px, or use a calmer picture`,
      { field: 'options.silhouette' },
    );
  }
  const { triangulate } = await wasm;
  const pairs = (ring: Int32Array): [number, number][] => {
    const points: [number, number][] = [];
    for (let i = 0; i < ring.length; i += 2) points.push([ring[i]!, ring[i + 1]!]);
    return points;
  };
  // With y down, outer boundaries run as triangulate wants them; its triangles come out clockwise once y points up.
  const cap = (from: Rings): Uint32Array => Uint32Array.from(triangulate(from.map(pairs), -1, true).flat());
  const bevel = Math.min(options.bevel, options.thickness / 2);
  const inset = bevelRings(outlines, bevel, options.scale);

  const build = new SolidBuilder(options);
  const { plate, thickness } = options;
  const foot = build.rings(rings, plate);
  if (plate > 0) {
    const rectangle = plateRing(rings, options);
    // Seen from above the plate is everything around the shape: each ring of it the other way round.
    const around = [rectangle, ...rings.map(reversed)];
    const lower = build.rings([rectangle], 0);
    const upper = build.rings([rectangle], plate);
    build.cap(cap([rectangle]), lower, true);
    build.walls([rectangle], lower, upper);
    build.plateTop(cap(around), upper, foot, rectangle.length / 2, rings);
  } else build.cap(cap(rings), foot, true);
  if (inset) {
    const shoulder = build.rings(rings, plate + thickness - bevel);
    const top = build.rings(inset, plate + thickness);
    build.walls(rings, foot, shoulder);
    build.walls(rings, shoulder, top);
    build.cap(cap(inset), top, false);
  } else {
    const top = build.rings(rings, plate + thickness);
    build.walls(rings, foot, top);
    build.cap(cap(rings), top, false);
  }
  return build.solid();
}

function reversed(ring: Int32Array): Int32Array {
  const turned = new Int32Array(ring.length);
  for (let i = 0; i < ring.length; i += 2) {
    turned[i] = ring[ring.length - 2 - i]!;
    turned[i + 1] = ring[ring.length - 1 - i]!;
  }
  return turned;
}

function plateRing(rings: Rings, { plateMargin, scale }: ExtrusionOptions): Int32Array {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      minX = Math.min(minX, ring[i]!);
      maxX = Math.max(maxX, ring[i]!);
      minY = Math.min(minY, ring[i + 1]!);
      maxY = Math.max(maxY, ring[i + 1]!);
    }
  }
  // At least one unit: the shape must not meet the plate's edge.
  const margin = Math.max(1, Math.round((plateMargin / scale) * unitsPerPixel));
  return Int32Array.of(
    minX - margin,
    minY - margin,
    maxX + margin,
    minY - margin,
    maxX + margin,
    maxY + margin,
    minX - margin,
    maxY + margin,
  );
}

const mostRounds = 24;

/**
 * The outlines moved inwards by the bevel. Corners whose edges would meet others are moved by half of that, a quarter …, in the
 * end not at all: there the edge is steeper. Undefined when even that does not help.
 */
function bevelRings(outlines: readonly Outline[], wanted: number, scale: number): Rings | undefined {
  if (wanted <= 0) return undefined;
  const distances = outlines.map(({ points }) =>
    new Float64Array(points.length / 2).fill((wanted / scale) * unitsPerPixel),
  );
  const firstCorner: number[] = [];
  outlines.reduce((sum, { points }) => (firstCorner.push(sum), sum + points.length / 2), 0);
  for (let round = 0; round < mostRounds; round += 1) {
    const inset = outlines.map((outline, i) => ({ ...outline, points: movedInwards(outline.points, distances[i]!) }));
    const meeting = new SegmentGrid(inset).edgesThatMeet();
    // A ring that was moved past its own middle has turned round without crossing itself.
    inset.forEach(({ points, hole }, ring) => {
      if (doubleArea(points) < 0 === hole) return;
      for (let i = 0; i < points.length / 2; i += 1) meeting.add(firstCorner[ring]! + i);
    });
    if (meeting.size === 0) return wronglyNested(inset).length === 0 ? inset.map(({ points }) => points) : undefined;
    const shrunk = new Set<number>();
    outlines.forEach(({ points }, ring) => {
      const n = points.length / 2;
      for (let i = 0; i < n; i += 1) {
        if (!meeting.has(firstCorner[ring]! + i)) continue;
        for (const corner of [i, (i + 1) % n]) shrunk.add(firstCorner[ring]! + corner);
      }
      for (let i = 0; i < n; i += 1) {
        if (!shrunk.has(firstCorner[ring]! + i)) continue;
        distances[ring]![i] = distances[ring]![i]! < unitsPerPixel / 16 ? 0 : distances[ring]![i]! / 2;
      }
    });
  }
  return undefined;
}

/** Every corner along the bisector of its edges, so that both edges move by its distance; sharp corners by four times that at most. */
function movedInwards(ring: Int32Array, distances: Float64Array): Int32Array {
  const n = ring.length;
  const moved = new Int32Array(n);
  for (let i = 0; i < n; i += 2) {
    const [ax, ay] = inwardNormal(ring, (i + n - 2) % n, i);
    const [bx, by] = inwardNormal(ring, i, (i + 2) % n);
    const far = distances[i / 2]! / Math.max(1 + ax * bx + ay * by, 0.125);
    moved[i] = Math.round(ring[i]! + (ax + bx) * far);
    moved[i + 1] = Math.round(ring[i + 1]! + (ay + by) * far);
  }
  return moved;
}

/** To the right of the edge, where the foreground is. */
function inwardNormal(ring: Int32Array, from: number, to: number): [number, number] {
  const dx = ring[to]! - ring[from]!;
  const dy = ring[to + 1]! - ring[from + 1]!;
  const length = Math.hypot(dx, dy) || 1;
  return [-dy / length, dx / length];
}

class SolidBuilder {
  private readonly points: number[] = [];
  private readonly triangles: number[] = [];

  constructor(private readonly options: ExtrusionOptions) {}

  /** Adds the corners of rings at a height; answers the number of the first. */
  rings(rings: Rings, z: number): number {
    const { scale, height } = this.options;
    const first = this.points.length / 3;
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        this.points.push((ring[i]! / unitsPerPixel) * scale, (height - ring[i + 1]! / unitsPerPixel) * scale, z);
      }
    }
    return first;
  }

  cap(triangles: Uint32Array, first: number, down: boolean): void {
    for (let i = 0; i < triangles.length; i += 3) {
      const [a, b, c] = [triangles[i]! + first, triangles[i + 1]! + first, triangles[i + 2]! + first];
      if (down) this.triangles.push(a, b, c);
      else this.triangles.push(a, c, b);
    }
  }

  /** Its triangles name first the corners of the rectangle, then those of each ring backwards. */
  plateTop(triangles: Uint32Array, rectangle: number, foot: number, corners: number, rings: Rings): void {
    const names: number[] = [];
    for (let i = 0; i < corners; i += 1) names.push(rectangle + i);
    let at = foot;
    for (const ring of rings) {
      const size = ring.length / 2;
      for (let i = size - 1; i >= 0; i -= 1) names.push(at + i);
      at += size;
    }
    for (let i = 0; i < triangles.length; i += 3) {
      this.triangles.push(names[triangles[i]!]!, names[triangles[i + 2]!]!, names[triangles[i + 1]!]!);
    }
  }

  walls(rings: Rings, lower: number, upper: number): void {
    let at = 0;
    for (const ring of rings) {
      const size = ring.length / 2;
      for (let i = 0; i < size; i += 1) {
        const a = at + i;
        const b = at + ((i + 1) % size);
        this.triangles.push(lower + b, lower + a, upper + a, lower + b, upper + a, upper + b);
      }
      at += size;
    }
  }

  solid(): Solid {
    return { positions: Float32Array.from(this.points), indices: Uint32Array.from(this.triangles) };
  }
}
