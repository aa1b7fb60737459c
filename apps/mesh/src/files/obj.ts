import type { Solid } from '../solid/solid.js';

const linesPerPart = 10_000;

/** Wavefront OBJ in millimetres, z up; in parts, for it is several times as large as the mesh. */
export function* writeObj({ positions, indices }: Solid): Generator<string> {
  yield '# Roundhouse, millimetres\n';
  let lines: string[] = [];
  const text = (value: number): string => String(shortest(value));
  for (let i = 0; i < positions.length; i += 3) {
    lines.push(`v ${text(positions[i]!)} ${text(positions[i + 1]!)} ${text(positions[i + 2]!)}\n`);
    if (lines.length === linesPerPart) {
      yield lines.join('');
      lines = [];
    }
  }
  for (let i = 0; i < indices.length; i += 3) {
    lines.push(`f ${indices[i]! + 1} ${indices[i + 1]! + 1} ${indices[i + 2]! + 1}\n`);
    if (lines.length === linesPerPart) {
      yield lines.join('');
      lines = [];
    }
  }
  yield lines.join('');
}

/** The fewest digits that read back as the same 32-bit number: nine always do (IEEE 754). */
function shortest(value: number): number {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === value ? short : Number(value.toPrecision(9));
}
