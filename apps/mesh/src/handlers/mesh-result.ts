import { GenerateMeshResult, MeshFormat } from '@roundhouse/contracts';
import type { StoredMeshFile } from '@roundhouse/mesh';
import type { MadeMesh } from '../engine/made-mesh.js';

const formats: Record<string, MeshFormat> = { glb: MeshFormat.GLB, stl: MeshFormat.STL, obj: MeshFormat.OBJ };
const vector = ([x, y, z]: readonly number[]) => ({ x: x!, y: y!, z: z! });

/** What a made mesh is in the contract. */
export function meshResult(
  meshId: string,
  { report, ...made }: MadeMesh,
  engine: { name: string; version: string },
  files: readonly StoredMeshFile[],
  seconds: number,
): GenerateMeshResult {
  return GenerateMeshResult.fromPartial({
    meshId,
    vertexCount: report.vertices,
    triangleCount: report.triangles,
    volumeMm3: report.volume,
    areaMm2: report.area,
    minMm: vector(report.min),
    maxMm: vector(report.max),
    genus: report.genus,
    parts: report.parts,
    watertight: report.watertight,
    iou: made.iou,
    rmsError: made.rmsError,
    maxError: made.maxError,
    limited: made.limited ?? false,
    engine: engine.name,
    engineVersion: engine.version,
    foreground: made.foreground ?? '',
    maxErrorPx: made.maxErrorPx,
    files: files.map(({ format, storageKey, bytes, sha256 }) => ({
      format: formats[format]!,
      storageKey,
      bytes,
      sha256,
      ending: format,
    })),
    seconds,
  });
}
