import { openImage, type OpenedImage } from '../image/open-image.js';
import { readHeights } from '../image/read-heights.js';
import { readMask } from '../image/read-mask.js';
import { heightError } from '../relief/height-error.js';
import { fullLevel } from '../relief/height-field.js';
import { reliefSolid } from '../relief/relief-solid.js';
import { triangulateHeights } from '../relief/triangulate-heights.js';
import { silhouetteSolid } from '../silhouette/silhouette-solid.js';
import type { Solid } from '../solid/solid.js';
import type { EngineSettings, ReliefSettings } from './engine-settings.js';
import type { MadeMesh, OnProgress } from './made-mesh.js';
import { writeInspected } from './write-inspected.js';

/** Name and version of the engine in results. Raised whenever the same image gives another mesh. */
export const builtInEngine = { name: 'built-in', version: '1.1.0' };

export interface MakeTask {
  imagePath: string;
  /** Where the files go; it exists. */
  folder: string;
  name: string;
  settings: EngineSettings;
}

/** Image in, inspected files out. @throws JobFailure INVALID_INPUT when no mesh can be made of the image */
export async function makeMesh(
  { imagePath, folder, name, settings }: MakeTask,
  onProgress: OnProgress,
): Promise<MadeMesh> {
  onProgress(0, 'Reading the picture');
  const image = await openImage(imagePath);
  const { solid, ...facts } = await (settings.mode === 'relief'
    ? relief(image, settings.relief, onProgress)
    : silhouette(image, settings.silhouette, onProgress));
  const written = await writeInspected(solid, { folder, name, formats: settings.formats }, onProgress);
  return { ...facts, ...written };
}

type Made = { solid: Solid } & Omit<MadeMesh, 'report' | 'files'>;

async function silhouette(
  image: OpenedImage,
  { invert, ...settings }: Extract<EngineSettings, { mode: 'silhouette' }>['silhouette'],
  onProgress: OnProgress,
): Promise<Made> {
  const { mask, by } = await readMask(image, invert);
  onProgress(0.3, 'Drawing outlines');
  const { solid, iou, tolerancePx } = await silhouetteSolid(mask, settings);
  return { solid, foreground: by, iou, maxErrorPx: tolerancePx };
}

async function relief(image: OpenedImage, settings: ReliefSettings, onProgress: OnProgress): Promise<Made> {
  const field = await readHeights(image, settings);
  onProgress(0.2, 'Triangulating');
  const wanted = settings.maxError * fullLevel;
  const terrain = triangulateHeights(field, {
    maxError: wanted,
    // The walls and the bottom come on top: three triangles for each vertex of the border.
    maxTriangles: settings.maxTriangles,
    onProgress: (error, triangles) =>
      onProgress(
        0.2 + 0.6 * Math.min(1, triangles / settings.maxTriangles),
        `${triangles} triangles, error ${(error / fullLevel).toFixed(4)}`,
      ),
  });
  const error = heightError(field, terrain);
  return {
    solid: reliefSolid(field, terrain, settings),
    rmsError: error.rms / fullLevel,
    maxError: error.max / fullLevel,
    limited: terrain.limited,
  };
}
