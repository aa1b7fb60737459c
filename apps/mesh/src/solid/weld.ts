import type { Solid } from './solid.js';

export interface WeldedSolid extends Solid {
  /** Vertices that were one with another. */
  merged: number;
}

/**
 * The solid with vertices of the same position made one, as every reader of STL files does. Positions are compared as the
 * 32-bit numbers that are written; -0 counts as 0.
 */
export function weld({ positions, indices }: Solid): WeldedSolid {
  const vertices = positions.length / 3;
  let size = 16;
  while (size < vertices * 2) size *= 2;
  const mask = size - 1;
  const table = new Int32Array(size).fill(-1);
  const bits = new Int32Array(positions.length);
  new Float32Array(bits.buffer).set(positions);
  for (let i = 0; i < bits.length; i += 1) if (bits[i] === -0x80000000) bits[i] = 0;
  const target = new Uint32Array(vertices);
  const kept = new Float32Array(positions.length);
  let count = 0;
  for (let v = 0; v < vertices; v += 1) {
    const x = bits[3 * v]!;
    const y = bits[3 * v + 1]!;
    const z = bits[3 * v + 2]!;
    let slot = hash(x, y, z) & mask;
    for (;;) {
      const other = table[slot]!;
      if (other < 0) {
        table[slot] = v;
        kept.set(positions.subarray(3 * v, 3 * v + 3), 3 * count);
        target[v] = count++;
        break;
      }
      if (bits[3 * other] === x && bits[3 * other + 1] === y && bits[3 * other + 2] === z) {
        target[v] = target[other]!;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return { positions: kept.slice(0, 3 * count), indices: indices.map((v) => target[v]!), merged: vertices - count };
}

function hash(x: number, y: number, z: number): number {
  let h =
    Math.imul(x, 0x85ebca6b) ^
    Math.imul((y << 13) | (y >>> 19), 0xc2b2ae35) ^
    Math.imul((z << 7) | (z >>> 25), 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
