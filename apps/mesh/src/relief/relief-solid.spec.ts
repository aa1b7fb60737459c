import fc from 'fast-check';
import { inspectSolid } from '../solid/inspect-solid.js';
import { heightError } from './height-error.js';
import { fullLevel, type HeightField } from './height-field.js';
import { reliefSolid } from './relief-solid.js';
import { triangulateHeights } from './triangulate-heights.js';

function field(width: number, height: number, level: (x: number, y: number) => number): HeightField {
  const levels = new Uint16Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      levels[y * width + x] = Math.round(Math.min(1, Math.max(0, level(x, y))) * fullLevel);
  return { width, height, levels };
}

const shape = { sizeMm: 100, heightMm: 5, baseMm: 1 };
const unlimited = { maxTriangles: 1_000_000 };

const fields = fc
  .record({
    width: fc.integer({ min: 2, max: 60 }),
    height: fc.integer({ min: 2, max: 60 }),
    seed: fc.integer(),
    pattern: fc.constantFrom('noise', 'waves', 'steps', 'flat', 'spikes'),
  })
  .map(({ width, height, seed, pattern }) => {
    let state = seed | 1;
    const dice = () => ((state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0) / 2 ** 32;
    return field(width, height, (x, y) => {
      if (pattern === 'noise') return dice();
      if (pattern === 'waves') return 0.5 + 0.25 * Math.sin(x / 5) + 0.25 * Math.cos(y / 7);
      if (pattern === 'steps') return ((x >> 3) + (y >> 2)) % 2;
      return pattern === 'flat' ? 0.3 : Number(dice() < 0.05);
    });
  });

/** Of the surface itself: the sum of prisms below its triangles. */
function meanLevel({ width, height, levels }: HeightField): number {
  let sum = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const weight = (x === 0 || x === width - 1 ? 0.5 : 1) * (y === 0 || y === height - 1 ? 0.5 : 1);
      sum += weight * levels[y * width + x]!;
    }
  return sum / ((width - 1) * (height - 1)) / fullLevel;
}

it('is watertight and nowhere farther from the field than asked for, whatever the field', () => {
  fc.assert(
    fc.property(fields, fc.constantFrom(0.001, 0.01, 0.05, 0.2), (heights, maxError) => {
      const terrain = triangulateHeights(heights, { ...unlimited, maxError: maxError * fullLevel });
      const report = inspectSolid(reliefSolid(heights, terrain, shape));
      expect(report).toMatchObject({ watertight: true, badEdges: 0, collapsed: 0, genus: 0, parts: 1 });
      const error = heightError(heights, terrain);
      expect(error.max / fullLevel).toBeLessThanOrEqual(maxError + 1e-6);
      expect(error.rms).toBeLessThanOrEqual(error.max);
      expect(terrain.limited).toBe(false);
      const scale = shape.sizeMm / (Math.max(heights.width, heights.height) - 1);
      const footprint = (heights.width - 1) * (heights.height - 1) * scale ** 2;
      // Between grid points the surface is free to choose its diagonals: only a smooth field has one volume.
      const wanted = footprint * (shape.baseMm + meanLevel(heights) * shape.heightMm);
      const play = footprint * (maxError + 0.5) * shape.heightMm;
      expect(Math.abs(report.volume - wanted)).toBeLessThanOrEqual(play);
    }),
    { numRuns: 200 },
  );
});

it('has the volume of a smooth field', () => {
  const heights = field(200, 150, (x, y) => 0.5 + 0.2 * Math.sin(x / 30) + 0.2 * Math.cos(y / 25));
  const terrain = triangulateHeights(heights, { ...unlimited, maxError: 0.001 * fullLevel });
  const scale = shape.sizeMm / 199;
  const wanted = 199 * 149 * scale ** 2 * (shape.baseMm + meanLevel(heights) * shape.heightMm);
  const { volume } = inspectSolid(reliefSolid(heights, terrain, shape));
  expect(Math.abs(volume / wanted - 1)).toBeLessThan(0.001);
});

it('spends two triangles on what is flat and many where something happens', () => {
  const flat = field(500, 400, () => 0.5);
  expect(triangulateHeights(flat, { ...unlimited, maxError: 100 }).triangles).toHaveLength(6);
  const needle = field(500, 400, (x, y) => Number(x === 250 && y === 77));
  const found = triangulateHeights(needle, { ...unlimited, maxError: 100 });
  expect(heightError(needle, found).max).toBeLessThanOrEqual(100);
  expect(found.triangles.length / 3).toBeLessThan(200);
});

it('counts every point once and agrees with a plain computation', () => {
  const heights = field(33, 21, (x, y) => ((x * 7 + y * 13) % 29) / 29);
  const terrain = triangulateHeights(heights, { ...unlimited, maxError: 0.3 * fullLevel });
  const surface = new Float64Array(33 * 21).fill(NaN);
  const { columns, rows, triangles } = terrain;
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [triangles[i]!, triangles[i + 1]!, triangles[i + 2]!];
    const z = (v: number) => heights.levels[rows[v]! * 33 + columns[v]!]!;
    const cross = (i: number, j: number, x: number, y: number) =>
      (columns[j]! - columns[i]!) * (y - rows[i]!) - (rows[j]! - rows[i]!) * (x - columns[i]!);
    const area = cross(a, b, columns[c]!, rows[c]!);
    for (let y = 0; y < 21; y += 1)
      for (let x = 0; x < 33; x += 1) {
        const [wa, wb, wc] = [cross(b, c, x, y), cross(c, a, x, y), cross(a, b, x, y)];
        if (Math.min(wa, wb, wc) >= 0) surface[y * 33 + x] = (wa * z(a) + wb * z(b) + wc * z(c)) / area;
      }
  }
  const differences = [...surface].map((z, i) => Math.abs(z - heights.levels[i]!));
  const error = heightError(heights, terrain);
  expect(error.max).toBeCloseTo(Math.max(...differences), 6);
  expect(error.rms).toBeCloseTo(Math.sqrt(differences.reduce((sum, d) => sum + d * d, 0) / differences.length), 6);
});

it('ends at its limit and says so', () => {
  const noise = field(100, 100, (x, y) => ((x * 7919 + y * 104729) % 1009) / 1009);
  const terrain = triangulateHeights(noise, { maxError: 10, maxTriangles: 500 });
  expect(terrain.limited).toBe(true);
  expect(terrain.triangles.length / 3).toBeLessThanOrEqual(500);
  expect(inspectSolid(reliefSolid(noise, terrain, shape)).watertight).toBe(true);
});
