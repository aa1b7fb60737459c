import { JobFailure } from '@roundhouse/jobs';
import type { Solid } from '../solid/solid.js';
import { extrudeOutlines } from './extrude-outlines.js';
import { outlineOverlap } from './outline-overlap.js';
import { simplifyOutlines, traceLimits, type SimplifiedOutlines, type Tolerance } from './simplify-outlines.js';
import type { Mask } from './trace-outlines.js';

export interface SilhouetteSettings {
  /** Longer side of the image. */
  sizeMm: number;
  thicknessMm: number;
  /** Undefined: the coarsest that keeps an overlap of 0.98. */
  tolerance: Tolerance | undefined;
  bevelMm: number;
  plateMm: number;
  plateMarginMm: number;
  minAreaPx: number;
}

export interface Silhouette {
  solid: Solid;
  /** Intersection over union of outline and mask. */
  iou: number;
  tolerancePx: number;
}

const leastOverlap = 0.98;
const offeredPx = [1.2, 0.6, 0];

/** Extrudes the foreground of a mask. @throws JobFailure INVALID_INPUT when there is no foreground, no background or too much detail */
export async function silhouetteSolid(mask: Mask, settings: SilhouetteSettings): Promise<Silhouette> {
  let foreground = 0;
  for (let i = 0; i < mask.pixels.length; i += 1) foreground += mask.pixels[i]!;
  if (foreground === 0)
    throw new JobFailure('INVALID_INPUT', 'The picture has no foreground: nothing stands out from the background', {
      field: 'image',
    });
  if (foreground === mask.pixels.length)
    throw new JobFailure(
      'INVALID_INPUT',
      'The picture is all foreground: it has no background that a shape could stand out from',
      { field: 'image' },
    );
  const { outlines, tolerancePx, iou } = chosenOutlines(mask, foreground, settings);
  if (outlines.length === 0) {
    throw new JobFailure(
      'INVALID_INPUT',
      `Nothing of the foreground is larger than min_area_px (${settings.minAreaPx})`,
      {
        field: 'options.silhouette.min_area_px',
      },
    );
  }
  const scale = settings.sizeMm / Math.max(mask.width, mask.height);
  const solid = await extrudeOutlines(outlines, {
    scale,
    height: mask.height,
    thickness: settings.thicknessMm,
    bevel: settings.bevelMm,
    plate: settings.plateMm,
    plateMargin: settings.plateMarginMm,
  });
  return { solid, iou, tolerancePx };
}

function chosenOutlines(mask: Mask, foreground: number, { tolerance, minAreaPx }: SilhouetteSettings) {
  const offers: Tolerance[] = tolerance ? [tolerance] : offeredPx.map((maxErrorPx) => ({ maxErrorPx }));
  let found: (SimplifiedOutlines & { iou: number }) | undefined;
  for (const offer of offers) {
    const simplified = simplifyOutlines(mask, offer, minAreaPx);
    if (!simplified) {
      throw new JobFailure(
        'INVALID_INPUT',
        `The foreground's boundary has more than ${traceLimits.outlines} outlines or ${traceLimits.points} corners: blur or shrink the picture`,
        { field: 'image' },
      );
    }
    found = { ...simplified, iou: outlineOverlap(simplified.outlines, mask, foreground) };
    if (found.iou >= leastOverlap) break;
  }
  return found!;
}
