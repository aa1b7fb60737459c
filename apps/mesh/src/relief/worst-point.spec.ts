import fc from 'fast-check';
import { WorstPoint } from './worst-point.js';

const side = 40;
const levels = Uint16Array.from({ length: side * side }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 16) & 0xffff);
const field = { width: side, height: side, levels };

/** Every point of the triangle, its border included, with its distance from the plane. */
function distances([ax, ay, bx, by, cx, cy]: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  const area = (bx! - ax!) * (cy! - ay!) - (by! - ay!) * (cx! - ax!);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      const v = ((x - ax!) * (cy! - ay!) - (y - ay!) * (cx! - ax!)) / area;
      const w = ((bx! - ax!) * (y - ay!) - (by! - ay!) * (x - ax!)) / area;
      if (v < -1e-12 || w < -1e-12 || v + w > 1 + 1e-12) continue;
      const [a, b, c] = [levels[ay! * side + ax!]!, levels[by! * side + bx!]!, levels[cy! * side + cx!]!];
      found.set(y * side + x, Math.abs(levels[y * side + x]! - (a + v * (b - a) + w * (c - a))));
    }
  return found;
}

const coordinate = fc.nat(side - 1);
const triangle = fc
  .tuple(coordinate, coordinate, coordinate, coordinate, coordinate, coordinate)
  .filter(([ax, ay, bx, by, cx, cy]) => (bx - ax) * (cy - ay) !== (by - ay) * (cx - ax));

it('finds a point that is too far whenever there is one, whatever the order of the corners', () => {
  fc.assert(
    fc.property(triangle, fc.integer({ min: 100, max: 65_535 }), (corners, maxError) => {
      const all = distances(corners);
      const worst = Math.max(...all.values());
      const point = new WorstPoint(field, maxError);
      const found = point.find(...corners);
      if (Math.abs(worst - maxError) < 1e-3) return; // either answer is right
      expect(found).toBe(worst > maxError);
      if (found) expect(all.get(point.at)).toBeCloseTo(point.error, 3);
    }),
    { numRuns: 400 },
  );
});

it('finds the worst point of a triangle that is looked at without gaps', () => {
  const corners = [3, 2, 14, 4, 6, 13] as const;
  const point = new WorstPoint(field, 1);
  expect(point.find(...corners)).toBe(true);
  expect(point.error).toBeCloseTo(Math.max(...distances(corners).values()), 3);
});
