import { inspectSolid } from './inspect-solid.js';
import type { Solid } from './solid.js';

/** A cube of side 2 at x, every face with vertices of its own. */
function cube(x: number): Solid {
  const corner = (i: number) => [x + 2 * (i & 1), i & 2, (i & 4) / 2];
  const faces = [
    [0, 2, 3, 1],
    [4, 5, 7, 6],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 4, 6, 2],
    [1, 3, 7, 5],
  ];
  const positions = faces.flatMap((face) => face.flatMap(corner));
  const indices = faces.flatMap((_, f) => [0, 1, 2, 0, 2, 3].map((i) => 4 * f + i));
  return { positions: Float32Array.from(positions), indices: Uint32Array.from(indices) };
}

function both(a: Solid, b: Solid): Solid {
  const offset = a.positions.length / 3;
  return {
    positions: Float32Array.from([...a.positions, ...b.positions]),
    indices: Uint32Array.from([...a.indices, ...b.indices.map((i) => i + offset)]),
  };
}

it('welds by position and measures', () => {
  expect(inspectSolid(cube(10))).toEqual({
    watertight: true,
    badEdges: 0,
    collapsed: 0,
    vertices: 8,
    triangles: 12,
    volume: 8,
    area: 24,
    min: [10, 0, 0],
    max: [12, 2, 2],
    parts: 1,
    genus: 0,
  });
});

it('sees a missing triangle, a turned one and a flat one', () => {
  const whole = cube(0);
  expect(inspectSolid({ ...whole, indices: whole.indices.slice(3) })).toMatchObject({ watertight: false, badEdges: 3 });
  const turned = whole.indices.slice();
  turned.set([whole.indices[1]!, whole.indices[0]!], 0);
  expect(inspectSolid({ ...whole, indices: turned }).watertight).toBe(false);
  const flat = Uint32Array.from([...whole.indices, 0, 1, 0]);
  expect(inspectSolid({ ...whole, indices: flat })).toMatchObject({ watertight: false, collapsed: 1 });
});

it('sees solids that touch in an edge: four triangles share it', () => {
  const inY = cube(2);
  for (let i = 1; i < inY.positions.length; i += 3) inY.positions[i]! += 2;
  expect(inspectSolid(both(cube(0), inY))).toMatchObject({ watertight: false, badEdges: 4 });
  expect(inspectSolid(both(cube(0), cube(5)))).toMatchObject({ watertight: true, parts: 2, genus: 0, volume: 16 });
});
