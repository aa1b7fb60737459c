import type { MeshOptions } from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import type { MadeMesh, OnProgress } from './made-mesh.js';

export interface EngineOrder {
  imagePath: string;
  /** An empty folder for the engine's files. */
  folder: string;
  name: string;
  options: MeshOptions | undefined;
}

/** What an engine may know and do about its job. */
export type EngineJob = Pick<JobContext, 'jobId' | 'tenantId' | 'effectKey' | 'resumeFrom' | 'checkpoint' | 'snooze'>;

export interface EngineControl {
  job: EngineJob;
  signal: AbortSignal;
  onProgress: OnProgress;
}

/** What makes meshes of images. Whatever it is, what it gives back has been inspected and is watertight. */
export interface MeshEngine {
  readonly name: string;
  readonly version: string;
  /** @throws JobFailure */
  make(order: EngineOrder, control: EngineControl): Promise<MadeMesh>;
}
