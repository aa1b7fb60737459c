import { JobFailure } from '@roundhouse/jobs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readGlb, writeGlb } from '../files/glb.js';
import { writeObj } from '../files/obj.js';
import { writeStl } from '../files/stl.js';
import { inspectSolid } from '../solid/inspect-solid.js';
import type { Solid } from '../solid/solid.js';
import type { FileFormat } from './engine-settings.js';
import type { MadeMesh, OnProgress, WrittenFile } from './made-mesh.js';

export interface Destination {
  folder: string;
  /** Of the mesh inside the GLB. */
  name: string;
  formats: readonly FileFormat[];
}

/**
 * Writes the files of a solid. What is inspected is what the GLB reads back as, so nothing that was lost on the way escapes.
 * @throws JobFailure INTERNAL, not to be repeated, when the mesh is not watertight
 */
export async function writeInspected(
  solid: Solid,
  { folder, name, formats }: Destination,
  onProgress: OnProgress,
): Promise<Pick<MadeMesh, 'report' | 'files'>> {
  onProgress(0.8, 'Writing and checking');
  const glb = await writeGlb(solid, name);
  const report = inspectSolid(await readGlb(glb));
  if (!report.watertight || report.volume <= 0) {
    throw new JobFailure(
      'INTERNAL',
      `The mesh is not watertight (${report.badEdges} bad edges, ${report.collapsed} collapsed triangles, volume ${report.volume.toFixed(3)} mm³) and was not kept; another engine or other options may do better`,
      { retry: false },
    );
  }
  const files: WrittenFile[] = [];
  for (const format of new Set(formats)) {
    const path = join(folder, `mesh.${format}`);
    if (format === 'glb') await writeFile(path, glb);
    else if (format === 'stl') await writeFile(path, writeStl(solid));
    else await writeText(path, writeObj(solid));
    files.push({ format, path });
  }
  return { report, files };
}

async function writeText(path: string, parts: Iterable<string>): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const part of parts) await file.write(part);
  } finally {
    await file.close();
  }
}
