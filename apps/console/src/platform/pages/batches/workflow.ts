import type { Answer } from '../../api/index.js';

export type Workflow = Answer<'/v1/workflows/{id}', 'get'>;

/** A job of a workflow, with the jobs that it waits for. */
export type WorkflowNode = Workflow['jobs'][number];
