import type { WorkflowView } from '@roundhouse/ledger';
import { z } from 'zod';
import { batchSchema, batchView } from './batch-view.js';

const time = z.iso.datetime().nullable();

const workflowNodeSchema = z
  .object({
    ref: z.string(),
    id: z.uuid(),
    kind: z.string(),
    state: z.string(),
    attempt: z.number().int(),
    progress: z.number().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    started_at: time,
    finished_at: time,
    depends_on: z.array(
      z.object({
        ref: z.string(),
        job_id: z.uuid(),
        condition: z.enum(['succeeded', 'finished']),
        otherwise: z.enum(['cancel', 'keep_waiting']),
        met: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'WorkflowNode' });

export const workflowSchema = batchSchema
  .extend({ jobs: z.array(workflowNodeSchema).describe('Each behind all that it depends on') })
  .meta({ id: 'Workflow' });

export function workflowView(workflow: WorkflowView): z.input<typeof workflowSchema> {
  return {
    ...batchView(workflow),
    jobs: workflow.jobs.map((job) => ({
      ...job,
      started_at: job.started_at?.toISOString() ?? null,
      finished_at: job.finished_at?.toISOString() ?? null,
    })),
  };
}
