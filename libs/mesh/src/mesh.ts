import type { GenerateMeshResult, MeshOptions } from '@roundhouse/contracts';

export type MeshState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Exactly one of the two. */
export type ImageSource = { storageKey: string; imageUrl?: undefined } | { storageKey?: undefined; imageUrl: string };

export interface MeshFailure {
  code: string;
  message: string;
  field: string | null;
}

/** `glb`, `stl`, `obj` or `thumbnail`. */
export interface StoredMeshFile {
  format: string;
  storageKey: string;
  bytes: number;
  sha256: string;
}

export interface Mesh {
  id: string;
  tenantId: string;
  batchId: string | null;
  position: number;
  name: string;
  storageKey: string | null;
  imageUrl: string | null;
  options: MeshOptions;
  state: MeshState;
  jobId: string | null;
  result: GenerateMeshResult | null;
  error: MeshFailure | null;
  files: StoredMeshFile[];
  createdAt: Date;
  finishedAt: Date | null;
}

export interface NewMesh {
  id: string;
  batchId?: string;
  position?: number;
  name: string;
  source: ImageSource;
  options: MeshOptions | undefined;
}
