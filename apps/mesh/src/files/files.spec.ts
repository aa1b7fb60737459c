import { validateBytes } from 'gltf-validator';
import { inspectSolid } from '../solid/inspect-solid.js';
import type { Solid } from '../solid/solid.js';
import { readGlb, writeGlb } from './glb.js';
import { writeObj } from './obj.js';
import { readStl, writeStl } from './stl.js';

const corner = 12.345678;
const tetrahedron: Solid = {
  positions: Float32Array.of(0, 0, 0, corner, 0, 0, 0, corner, 0, 0, 0, corner),
  indices: Uint32Array.of(0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3),
};

it('writes GLB that the Khronos validator has nothing to say about, and reads it back exactly', async () => {
  const bytes = await writeGlb(tetrahedron, 'tetrahedron');
  const { issues } = await validateBytes(bytes);
  expect(issues).toMatchObject({ numErrors: 0, numWarnings: 0 });
  const { positions, indices } = await readGlb(bytes);
  expect([...positions]).toEqual([...tetrahedron.positions]);
  expect([...indices]).toEqual([...tetrahedron.indices]);
});

it('writes STL that reads back watertight', () => {
  const report = inspectSolid(readStl(writeStl(tetrahedron)));
  expect(report).toMatchObject({ watertight: true, vertices: 4, triangles: 4, genus: 0, parts: 1 });
  expect(report.volume).toBeCloseTo(corner ** 3 / 6, 2);
  expect(() => readStl(Buffer.from('solid text'))).toThrow('not a binary STL');
});

it('writes OBJ whose numbers read back exactly', () => {
  const text = [...writeObj(tetrahedron)].join('');
  const numbers = [...text.matchAll(/^v (.*)$/gm)].flatMap(([, line]) => line!.split(' ').map(Number));
  expect([...Float32Array.from(numbers)]).toEqual([...tetrahedron.positions]);
  expect(text).toContain('f 1 3 2\n');
});
