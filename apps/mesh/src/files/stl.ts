import type { Solid } from '../solid/solid.js';

const headerBytes = 80;
const triangleBytes = 50;

/** Binary STL in millimetres, with the triangles' normals. */
export function writeStl({ positions: p, indices }: Solid): Buffer {
  const triangles = indices.length / 3;
  const buffer = Buffer.alloc(headerBytes + 4 + triangles * triangleBytes);
  buffer.write('Roundhouse, millimetres', 'latin1'); // must not begin with "solid": that is a text file
  buffer.writeUInt32LE(triangles, headerBytes);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  let at = headerBytes + 4;
  for (let i = 0; i < indices.length; i += 3, at += triangleBytes) {
    const a = 3 * indices[i]!;
    const b = 3 * indices[i + 1]!;
    const c = 3 * indices[i + 2]!;
    const [ux, uy, uz] = [p[b]! - p[a]!, p[b + 1]! - p[a + 1]!, p[b + 2]! - p[a + 2]!];
    const [vx, vy, vz] = [p[c]! - p[a]!, p[c + 1]! - p[a + 1]!, p[c + 2]! - p[a + 2]!];
    const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
    view.setFloat32(at, nx / length, true);
    view.setFloat32(at + 4, ny / length, true);
    view.setFloat32(at + 8, nz / length, true);
    for (let k = 0; k < 3; k += 1) {
      view.setFloat32(at + 12 + 4 * k, p[a + k]!, true);
      view.setFloat32(at + 24 + 4 * k, p[b + k]!, true);
      view.setFloat32(at + 36 + 4 * k, p[c + k]!, true);
    }
  }
  return buffer;
}

/** Every triangle with three vertices of its own, as the file has them. @throws Error when it is no binary STL */
export function readStl(buffer: Buffer): Solid {
  const triangles = buffer.length >= headerBytes + 4 ? buffer.readUInt32LE(headerBytes) : -1;
  if (buffer.length !== headerBytes + 4 + triangles * triangleBytes) throw new Error('not a binary STL file');
  const positions = new Float32Array(9 * triangles);
  for (let t = 0; t < triangles; t += 1) {
    const at = headerBytes + 4 + t * triangleBytes + 12;
    for (let k = 0; k < 9; k += 1) positions[9 * t + k] = buffer.readFloatLE(at + 4 * k);
  }
  return { positions, indices: Uint32Array.from({ length: 3 * triangles }, (_, i) => i) };
}
