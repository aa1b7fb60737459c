import { MeshFormat, MeshOptions_Mode, type MeshOptions } from '@roundhouse/contracts';
import type { SilhouetteSettings } from '../silhouette/silhouette-solid.js';

export interface ReliefSettings {
  sizeMm: number;
  heightMm: number;
  baseMm: number;
  /** Share of the full height. */
  maxError: number;
  invert: boolean;
  smoothingPx: number;
  maxTriangles: number;
}

export type FileFormat = 'glb' | 'stl' | 'obj';

/** A request with every default filled in. */
export type EngineSettings = { formats: FileFormat[] } & (
  | { mode: 'silhouette'; silhouette: SilhouetteSettings & { invert: boolean } }
  | { mode: 'relief'; relief: ReliefSettings }
);

const formatNames: Partial<Record<MeshFormat, FileFormat>> = { [MeshFormat.STL]: 'stl', [MeshFormat.OBJ]: 'obj' };
const everyFormat: FileFormat[] = ['glb', 'stl', 'obj'];

/** What a request asks for; the defaults are those that proto/roundhouse/mesh/v1/options.proto names. */
export function engineSettings(options: Partial<MeshOptions> = {}): EngineSettings {
  const { mode, silhouette, relief, formats = [] } = options;
  const sizeMm = options.sizeMm || 100;
  const wanted = formats.flatMap((format) => formatNames[format] ?? []);
  const written: FileFormat[] = formats.length === 0 ? everyFormat : ['glb', ...wanted];
  if (mode === MeshOptions_Mode.RELIEF || mode === MeshOptions_Mode.LITHOPHANE) {
    const lithophane = mode === MeshOptions_Mode.LITHOPHANE;
    return {
      formats: written,
      mode: 'relief',
      relief: {
        sizeMm,
        heightMm: relief?.heightMm || (lithophane ? 2.4 : 5),
        baseMm: relief?.baseMm || (lithophane ? 0.8 : 1),
        maxError: relief?.maxError || 0.01,
        invert: (relief?.invert ?? false) !== lithophane,
        smoothingPx: relief?.smoothingPx ?? (lithophane ? 1 : 0),
        maxTriangles: relief?.maxTriangles || 500_000,
      },
    };
  }
  return {
    formats: written,
    mode: 'silhouette',
    silhouette: {
      sizeMm,
      thicknessMm: silhouette?.thicknessMm || 3,
      tolerance: toleranceOf(silhouette),
      bevelMm: silhouette?.bevelMm ?? 0,
      plateMm: silhouette?.basePlateMm ?? 0,
      plateMarginMm: silhouette?.baseMarginMm || 2,
      minAreaPx: silhouette?.minAreaPx ?? 0,
      invert: silhouette?.invert ?? false,
    },
  };
}

function toleranceOf(silhouette: MeshOptions['silhouette']): SilhouetteSettings['tolerance'] {
  if (silhouette?.maxErrorPx !== undefined) return { maxErrorPx: silhouette.maxErrorPx };
  if (silhouette?.detailFactor !== undefined) return { detailFactor: silhouette.detailFactor };
  return undefined;
}
