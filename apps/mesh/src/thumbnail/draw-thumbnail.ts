import { JobFailure } from '@roundhouse/jobs';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { readGlb } from '../files/glb.js';
import { drawSolid } from './draw-solid.js';

export interface DrawTask {
  glbPath: string;
  thumbnailPath: string;
}

/** A picture of a GLB: 512 × 512 pixels, WebP. */
export async function drawThumbnail({ glbPath, thumbnailPath }: DrawTask): Promise<{ path: string }> {
  const solid = await readGlb(await readFile(glbPath)).catch((error: unknown) => {
    throw new JobFailure('INVALID_INPUT', 'The stored mesh cannot be read; make it again', {
      field: 'mesh_id',
      cause: error,
    });
  });
  const { size, pixels } = drawSolid(solid);
  await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .webp({ quality: 82 })
    .toFile(thumbnailPath);
  return { path: thumbnailPath };
}
