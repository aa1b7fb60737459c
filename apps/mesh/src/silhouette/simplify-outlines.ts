import { doubleArea, perimeterPx, type Outline, unitsPerPixel } from './outline.js';
import { SegmentGrid } from './segment-grid.js';
import { simplifyOutline } from './simplify-outline.js';
import { middlesOf } from './middles-of.js';
import { traceOutlines, type Mask, type TraceLimits } from './trace-outlines.js';
import { wronglyNested } from './winding.js';

/** How far an outline may run from the image's: the same for all, or by each outline's own length. */
export type Tolerance = { maxErrorPx: number } | { detailFactor: number };

// The middles of pixel edges lie up to this far from the boundary's corners.
const middleErrorPx = Math.SQRT1_2 / 2;
/** Above this, stairs are smoothed by going through the middles of pixel edges. */
const smoothAbovePx = 0.75;
const mostRounds = 12;

/** Before they are simplified. An outline costs memory of the heap besides its corners, some 300 bytes. */
export const traceLimits: TraceLimits = { points: 8_000_000, outlines: 500_000 };

export interface SimplifiedOutlines {
  outlines: Outline[];
  /** Largest tolerance that was used, in pixels. */
  tolerancePx: number;
}

/**
 * The boundaries of the mask with fewer corners. They never meet and are nested as in the image: outlines that would
 * meet others get half the tolerance, in the end none, and exact boundaries never meet.
 * @param minAreaPx outlines that enclose less are left out, with the holes in them
 * @returns undefined when there are more than `traceLimits`
 */
export function simplifyOutlines(mask: Mask, tolerance: Tolerance, minAreaPx: number): SimplifiedOutlines | undefined {
  const traced = traceOutlines(mask, traceLimits);
  if (!traced) return undefined;
  const large = withoutSmall(traced, minAreaPx);
  const rings: Ring[] = large.map((exact) => {
    const tolerancePx =
      'maxErrorPx' in tolerance ? tolerance.maxErrorPx : tolerance.detailFactor * perimeterPx(exact.points);
    return { exact, tolerancePx, current: exact };
  });
  for (const ring of rings) simplify(ring);
  let standing = rings;
  for (let round = 0; ; round += 1) {
    standing = withoutCollapsed(rings);
    const conflicts = conflictsOf(standing);
    if (conflicts.length === 0) break;
    for (const ring of conflicts) {
      ring.tolerancePx = round >= mostRounds ? 0 : ring.tolerancePx / 2;
      simplify(ring);
    }
  }
  const tolerancePx = standing.reduce((most, ring) => Math.max(most, ring.tolerancePx), 0);
  return { outlines: standing.map(({ current }) => current), tolerancePx };
}

interface Ring {
  exact: Outline;
  /** The same without stairs, once it was asked for. */
  middles?: Int32Array;
  tolerancePx: number;
  current: Outline;
}

// Below this nothing of a pixel's edge would be left out anyway.
const exactBelowPx = 0.05;

function simplify(ring: Ring): void {
  const { exact } = ring;
  if (ring.tolerancePx < exactBelowPx) ring.tolerancePx = 0;
  ring.current = { ...exact, points: exact.points };
  if (ring.tolerancePx > smoothAbovePx) {
    ring.middles ??= middlesOf(exact.points);
    ring.current.points = simplifyOutline(ring.middles, ring.tolerancePx - middleErrorPx);
  } else if (ring.tolerancePx > 0) ring.current.points = simplifyOutline(exact.points, ring.tolerancePx);
}

function withoutSmall(rings: Outline[], minAreaPx: number): Outline[] {
  if (minAreaPx <= 0) return rings;
  const least = minAreaPx * 2 * unitsPerPixel ** 2;
  const gone = new Set(rings.flatMap(({ hole, part, points }) => (!hole && doubleArea(points) < least ? [part] : [])));
  return rings.filter(({ part, points }) => !gone.has(part) && Math.abs(doubleArea(points)) >= least);
}

/** A ring smaller than its tolerance has lost its area or its direction; a part goes with its holes. */
function withoutCollapsed(rings: Ring[]): Ring[] {
  const collapsed = ({ current: { points, hole } }: Ring) =>
    points.length < 6 || (hole ? doubleArea(points) >= 0 : doubleArea(points) <= 0);
  const gone = new Set(rings.flatMap((ring) => (!ring.current.hole && collapsed(ring) ? [ring.current.part] : [])));
  const left = rings.filter((ring) => !gone.has(ring.current.part) && !collapsed(ring));
  if (left.some((ring) => !ring.current.hole) || rings.length === 0) return left;
  // Nothing would be left: everything is smaller than the tolerance.
  for (const ring of rings) {
    ring.tolerancePx = 0;
    ring.current = ring.exact;
  }
  return rings;
}

function conflictsOf(rings: Ring[]): Ring[] {
  if (rings.every((ring) => ring.tolerancePx === 0)) return [];
  const outlines = rings.map(({ current }) => current);
  const meeting = new SegmentGrid(outlines).ringsThatMeet();
  const atFault = new Set([...meeting].map((ring) => rings[ring]!));
  if (meeting.size === 0) {
    // Which of a part's rings has moved too far cannot be told from one of them.
    const parts = new Set(wronglyNested(outlines).map((ring) => rings[ring]!.current.part));
    const islands = parts.size > 0;
    for (const ring of rings) if (parts.has(ring.current.part) || (islands && ring.tolerancePx > 0)) atFault.add(ring);
  }
  return [...atFault].filter((ring) => ring.tolerancePx > 0);
}
