import { doubleArea, unitsPerPixel } from './outline.js';
import { middlesOf } from './middles-of.js';
import { traceOutlines, type Mask } from './trace-outlines.js';

const maskOf = (...rows: string[]): Mask => ({
  width: rows[0]!.length,
  height: rows.length,
  pixels: Uint8Array.from(rows.join(''), (c) => (c === '#' ? 1 : 0)),
});
const few = { points: 1_000, outlines: 100 };
const areaPx = (points: Int32Array) => doubleArea(points) / 2 / unitsPerPixel ** 2;

it('walks round a pixel with the foreground to the right', () => {
  const [outline, ...others] = traceOutlines(maskOf('...', '.#.', '...'), few)!;
  expect(others).toEqual([]);
  expect(outline).toMatchObject({ part: 0, hole: false });
  expect(areaPx(outline!.points)).toBe(1);
  expect(outline!.points).toHaveLength(8);
});

it('tells holes from parts and gives them to their part, also when they are nested', () => {
  const found = traceOutlines(
    maskOf('#######', '#.....#', '#.###.#', '#.#.#.#', '#.###.#', '#.....#', '#######', '.......', '###....'),
    few,
  )!;
  expect(found.map(({ part, hole, points }) => [part, hole, areaPx(points)])).toEqual([
    [0, false, 49],
    [0, true, -25],
    [1, false, 9],
    [1, true, -1],
    [2, false, 3],
  ]);
});

it('keeps pixels apart that touch at a corner', () => {
  const found = traceOutlines(maskOf('#.', '.#'), few)!;
  expect(found.map(({ part }) => part)).toEqual([0, 1]);
  const points = found.flatMap(({ points }) =>
    [...points].map((_, i, all) => (i % 2 ? '' : `${all[i]},${all[i + 1]}`)),
  );
  const corners = points.filter(Boolean);
  expect(new Set(corners).size).toBe(corners.length);
});

it('knows one hole when holes touch at a corner', () => {
  const found = traceOutlines(maskOf('####', '#.##', '##.#', '####'), few)!;
  expect(found.map(({ hole }) => hole)).toEqual([false, true]);
  expect(areaPx(found[1]!.points)).toBeCloseTo(-2, 1);
});

it('gives up beyond the number of points asked for', () => {
  expect(traceOutlines(maskOf('#.#.#'), { ...few, points: 8 })).toBeUndefined();
  expect(traceOutlines(maskOf('#.#.#'), { ...few, outlines: 2 })).toBeUndefined();
  expect(traceOutlines(maskOf('#.#.#'), { ...few, outlines: 3 })).toHaveLength(3);
});

it('knows the middles of the pixels’ edges, also where corners are kept apart', () => {
  const [one, two] = traceOutlines(maskOf('##.', '..#'), few)!;
  const middles = (points: Int32Array) => [...middlesOf(points)].map((v) => v / unitsPerPixel).sort();
  expect(middles(one!.points)).toEqual([0, 0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1, 1.5, 1.5, 2]);
  expect(middles(two!.points)).toEqual([1, 1.5, 1.5, 2, 2, 2.5, 2.5, 3]);
});
