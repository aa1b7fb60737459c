import { JobFailure } from '@roundhouse/jobs';
import { readFile } from 'node:fs/promises';
import { readGlb } from '../files/glb.js';
import { readStl } from '../files/stl.js';
import { weld } from '../solid/weld.js';
import type { Solid } from '../solid/solid.js';
import type { FileFormat } from './engine-settings.js';
import type { MadeMesh, OnProgress } from './made-mesh.js';
import { writeInspected } from './write-inspected.js';

export interface AdoptTask {
  /** GLB or binary STL; its content tells which. */
  sourcePath: string;
  folder: string;
  name: string;
  formats: FileFormat[];
}

const maxTriangles = 5_000_000;

/** Takes over a mesh that another engine has made; it is inspected like our own. @throws JobFailure INVALID_INPUT */
export async function adoptMesh({ sourcePath, ...destination }: AdoptTask, onProgress: OnProgress): Promise<MadeMesh> {
  const solid = weld(await readMesh(sourcePath));
  if (solid.indices.length / 3 > maxTriangles)
    throw new JobFailure('INVALID_INPUT', `The engine's mesh has more than ${maxTriangles} triangles`, {
      field: 'options.engine',
    });
  return writeInspected(solid, destination, onProgress);
}

async function readMesh(path: string): Promise<Solid> {
  const bytes = await readFile(path);
  try {
    return bytes.subarray(0, 4).toString('latin1') === 'glTF' ? await readGlb(bytes) : readStl(bytes);
  } catch (error) {
    throw new JobFailure(
      'INVALID_INPUT',
      `What the engine sent cannot be read as GLB or binary STL: it ${(error as Error).message}`,
      {
        field: 'options.engine',
        cause: error,
      },
    );
  }
}
