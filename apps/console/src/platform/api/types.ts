import type { components, paths } from './generated/openapi.js';

type Schemas = components['schemas'];

/** What a route answers when all is well: `Answer<'/v1/limits', 'get'>`. */
export type Answer<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  responses: infer R;
}
  ? Exclude<keyof R, 'default'> extends infer S
    ? S extends keyof R
      ? R[S] extends { content: { 'application/json': infer B } }
        ? B
        : never
      : never
    : never
  : never;

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors?: { path: string; message: string }[];
  trace_id?: string;
}

export type JobSummary = Schemas['JobSummary'];
export type JobExplanation = Schemas['JobExplanation'];
/** A job as its page shows it: with what it belongs to and what came of it. */
export type ConsoleJob = Answer<'/v1/console/jobs/{id}', 'get'>;
export type Session = Schemas['Session'];

export type JobState = 'scheduled' | 'queued' | 'running' | 'retrying' | 'blocked' | 'succeeded' | 'dead' | 'cancelled';
export const jobStates: readonly JobState[] = [
  'scheduled',
  'queued',
  'running',
  'retrying',
  'blocked',
  'succeeded',
  'dead',
  'cancelled',
];
export const finalStates: readonly string[] = ['succeeded', 'dead', 'cancelled'];
