import { parts, type EdgeReport, inspectEdges } from './edges.js';
import type { Solid } from './solid.js';
import { weld } from './weld.js';

export interface SolidReport extends EdgeReport {
  vertices: number;
  triangles: number;
  /** Enclosed, in mm³, by the divergence theorem; negative when the solid is inside out. */
  volume: number;
  /** In mm². */
  area: number;
  min: [number, number, number];
  max: [number, number, number];
  /** Parts that share no vertex. */
  parts: number;
  /** Tunnels through all parts together; meaningless unless watertight. */
  genus: number;
}

/**
 * Looks at a solid from outside, without asking who made it: vertices are welded by position, then every edge must belong
 * to exactly two triangles that pass it in opposite directions.
 */
export function inspectSolid(solid: Solid): SolidReport {
  const { positions, indices } = weld(solid);
  const vertices = positions.length / 3;
  const triangles = indices.length / 3;
  const edges = inspectEdges(indices, vertices);
  const found = parts(indices, vertices);
  // V - E + F = 2 parts - 2 genus, where a closed mesh has three half-edges a triangle.
  const euler = vertices - (triangles * 3) / 2 + triangles;
  return {
    ...edges,
    vertices,
    triangles,
    ...measures(positions, indices),
    ...bounds(positions),
    parts: found,
    genus: found - euler / 2,
  };
}

function measures(p: Float32Array, indices: Uint32Array): { volume: number; area: number } {
  let volume = 0;
  let area = 0;
  // Relative to a corner of the solid: far from the origin the sum would lose digits.
  const [ox, oy, oz] = [p[0] ?? 0, p[1] ?? 0, p[2] ?? 0];
  for (let i = 0; i < indices.length; i += 3) {
    const a = 3 * indices[i]!;
    const b = 3 * indices[i + 1]!;
    const c = 3 * indices[i + 2]!;
    const ax = p[a]! - ox;
    const ay = p[a + 1]! - oy;
    const az = p[a + 2]! - oz;
    const ux = p[b]! - ox - ax;
    const uy = p[b + 1]! - oy - ay;
    const uz = p[b + 2]! - oz - az;
    const vx = p[c]! - ox - ax;
    const vy = p[c + 1]! - oy - ay;
    const vz = p[c + 2]! - oz - az;
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    volume += ax * nx + ay * ny + az * nz;
    area += Math.sqrt(nx * nx + ny * ny + nz * nz);
  }
  return { volume: volume / 6, area: area / 2 };
}

function bounds(p: Float32Array): Pick<SolidReport, 'min' | 'max'> {
  const min: [number, number, number] = [Infinity, Infinity, Infinity];
  const max: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < p.length; i += 1) {
    const axis = i % 3;
    if (p[i]! < min[axis]!) min[axis] = p[i]!;
    if (p[i]! > max[axis]!) max[axis] = p[i]!;
  }
  return { min, max };
}
