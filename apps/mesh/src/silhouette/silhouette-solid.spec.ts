import fc from 'fast-check';
import { inspectSolid } from '../solid/inspect-solid.js';
import { silhouetteSolid, type SilhouetteSettings } from './silhouette-solid.js';
import type { Mask } from './trace-outlines.js';

const settings: SilhouetteSettings = {
  sizeMm: 100,
  thicknessMm: 3,
  tolerance: { maxErrorPx: 0 },
  bevelMm: 0,
  plateMm: 0,
  plateMarginMm: 2,
  minAreaPx: 0,
};

function maskFrom(width: number, height: number, set: (x: number, y: number) => boolean): Mask {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) if (set(x, y)) pixels[y * width + x] = 1;
  return { width, height, pixels };
}

const areaOf = ({ pixels }: Mask) => pixels.reduce((sum, pixel) => sum + pixel, 0);
const volumeOf = (mask: Mask, { sizeMm, thicknessMm }: SilhouetteSettings) =>
  areaOf(mask) * (sizeMm / Math.max(mask.width, mask.height)) ** 2 * thicknessMm;

/** Noise, thin bridges, nested rings, touching corners and single pixels, one over the other. */
const masks = fc
  .record({
    width: fc.integer({ min: 2, max: 40 }),
    height: fc.integer({ min: 2, max: 40 }),
    seed: fc.integer(),
    density: fc.constantFrom(0.02, 0.3, 0.5, 0.6, 0.8, 0.98),
    pattern: fc.constantFrom('noise', 'blocks', 'rings', 'checkers', 'bridges'),
  })
  .map(({ width, height, seed, density, pattern }) => {
    let state = seed | 1;
    const dice = () => ((state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0) / 2 ** 32;
    const coarse = Array.from({ length: 2500 }, dice);
    const set = (x: number, y: number): boolean => {
      if (pattern === 'noise') return dice() < density;
      if (pattern === 'blocks') return coarse[(y >> 2) * 50 + (x >> 2)]! < density;
      if (pattern === 'rings')
        return Math.floor(Math.hypot(x - width / 2, y - height / 2) / 2) % 2 === 0 || dice() > 0.97;
      if (pattern === 'checkers') return (((x >> 1) + (y >> 1)) % 2 === 0) !== dice() < 0.05;
      return y % 4 === 0 || (x % 7 === 0 && dice() < density);
    };
    return maskFrom(width, height, set);
  })
  .filter((mask) => areaOf(mask) > 0 && areaOf(mask) < mask.pixels.length);

it('is watertight with the volume of the mask at full detail, whatever the mask', async () => {
  await fc.assert(
    fc.asyncProperty(masks, async (mask) => {
      const { solid, iou } = await silhouetteSolid(mask, settings);
      const report = inspectSolid(solid);
      expect(report).toMatchObject({ watertight: true, badEdges: 0, collapsed: 0 });
      expect(Math.abs(report.volume / volumeOf(mask, settings) - 1)).toBeLessThan(0.01);
      expect(iou).toBe(1);
    }),
    { numRuns: 200 },
  );
});

it('is watertight at every tolerance, with bevel and plate', async () => {
  const wishes = fc.record({
    tolerance: fc.oneof(
      fc.constant(undefined),
      fc.double({ min: 0, max: 6, noNaN: true }).map((maxErrorPx) => ({ maxErrorPx })),
      fc.double({ min: 0, max: 0.1, noNaN: true }).map((detailFactor) => ({ detailFactor })),
    ),
    bevelMm: fc.constantFrom(0, 0.2, 1, 5),
    plateMm: fc.constantFrom(0, 1),
    plateMarginMm: fc.constantFrom(0, 2),
    minAreaPx: fc.constantFrom(0, 3),
  });
  await fc.assert(
    fc.asyncProperty(masks, wishes, async (mask, wish) => {
      const made = await silhouetteSolid(mask, { ...settings, ...wish }).catch((error: Error) => error);
      if (made instanceof Error) return expect(made).toMatchObject({ name: 'JobFailure', code: 'INVALID_INPUT' });
      const report = inspectSolid(made.solid);
      expect(report).toMatchObject({ watertight: true, badEdges: 0, collapsed: 0 });
      expect(report.volume).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

it('counts parts and tunnels', async () => {
  const ring = (x: number, y: number, cx: number) => {
    const r = Math.hypot(x - cx, y - 20);
    return r < 15 && r > 6;
  };
  const mask = maskFrom(80, 40, (x, y) => ring(x, y, 20) || ring(x, y, 60));
  const { solid, iou } = await silhouetteSolid(mask, { ...settings, tolerance: undefined });
  expect(inspectSolid(solid)).toMatchObject({ watertight: true, parts: 2, genus: 2 });
  expect(iou).toBeGreaterThanOrEqual(0.98);
  const plated = await silhouetteSolid(mask, { ...settings, plateMm: 1 });
  const report = inspectSolid(plated.solid);
  expect(report).toMatchObject({ parts: 1, genus: 0 });
  expect(report.max[2]).toBe(4);
});

it.each([
  ['nothing', 0, 'no foreground'],
  ['everything', 1, 'all foreground'],
])('refuses a picture with %s in front', async (_, value, message) => {
  const mask = { width: 4, height: 4, pixels: new Uint8Array(16).fill(value) };
  await expect(silhouetteSolid(mask, settings)).rejects.toThrow(message);
});
