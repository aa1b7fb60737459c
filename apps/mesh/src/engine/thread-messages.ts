import type { FailureCode } from '@roundhouse/jobs';
import type { MadeMesh } from './made-mesh.js';
import type { DrawTask } from '../thumbnail/draw-thumbnail.js';
import type { AdoptTask } from './adopt-mesh.js';
import type { MakeTask } from './make-mesh.js';

/** What a thread can be told to do, with what it answers. */
export interface ThreadTasks {
  make: { task: MakeTask; answer: MadeMesh };
  adopt: { task: AdoptTask; answer: MadeMesh };
  draw: { task: DrawTask; answer: { path: string } };
}
export type TaskName = keyof ThreadTasks;

export type ThreadInbound = { [N in TaskName]: { name: N; task: ThreadTasks[N]['task'] } }[TaskName];

export type ThreadOutbound =
  | { type: 'progress'; share: number; message: string }
  | { type: 'done'; answer: unknown }
  /** A failure that the code knows. */
  | { type: 'failed'; code: FailureCode; message: string; field: string | undefined; retry: boolean }
  | { type: 'crashed'; error: Error };
