import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Answer, JobSummary } from '../../platform/api/index.js';
import { useLive } from '../../platform/live/index.js';

export type Mesh = Answer<'/v1/meshes', 'get'>['meshes'][number];
export type MeshBatch = Answer<'/v1/mesh-batches', 'get'>['batches'][number];

/** Figures of a mesh; which there are depends on its mode. */
export interface MeshResult {
  vertex_count?: number;
  triangle_count?: number;
  volume_mm3?: number;
  area_mm2?: number;
  min_mm?: Point;
  max_mm?: Point;
  genus?: number;
  parts?: number;
  watertight?: boolean;
  iou?: number;
  max_error?: number;
  rms_error?: number;
  limited?: boolean;
  engine?: string;
  engine_version?: string;
  foreground?: string;
  max_error_px?: number;
  seconds?: number;
}
interface Point {
  x?: number;
  y?: number;
  z?: number;
}

export const resultOf = (mesh: Mesh): MeshResult => (mesh.result ?? {}) as MeshResult;

/** Sizes along x, y and z. */
export function sizeOf({ min_mm: min, max_mm: max }: MeshResult): string | undefined {
  if (!max) return undefined;
  const along = (axis: keyof Point) => ((max[axis] ?? 0) - (min?.[axis] ?? 0)).toFixed(1);
  return `${along('x')} × ${along('y')} × ${along('z')} mm`;
}

const readAgainMs = 400;

/**
 * What the gateway tells of mesh jobs: lists and pages of meshes are read again, at most a few times a second. Answers how far
 * each job is.
 */
export function useMeshJobs(): ReadonlyMap<string, JobSummary> {
  const queries = useQueryClient();
  const [jobs, setJobs] = useState<ReadonlyMap<string, JobSummary>>(new Map());
  const [timer] = useState<{ id?: number }>({});
  useLive<{ jobs: JobSummary[] }>('jobs', ({ jobs: changed }) => {
    const ours = changed.filter(({ kind }) => kind.startsWith('mesh.'));
    if (ours.length === 0) return;
    setJobs((before) => new Map([...before, ...ours.map((job) => [job.id, job] as const)].slice(-500)));
    timer.id ??= window.setTimeout(() => {
      timer.id = undefined;
      void queries.invalidateQueries({ queryKey: ['meshes'] });
    }, readAgainMs);
  });
  return jobs;
}
