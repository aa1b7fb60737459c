import { z } from 'zod';
import { callbackFields, nameSchema } from './batch-requests.js';
import { jobRequestSchema } from '../submission/index.js';

const refSchema = z
  .string()
  .regex(/^[\w.-]{1,100}$/, 'must have 1 to 100 letters, digits, dots, dashes or underscores');

const dependencySchema = z
  .strictObject({
    ref: refSchema,
    condition: z
      .enum(['succeeded', 'finished'])
      .describe('Which end of the other job lets this one run; finished: any')
      .default('succeeded'),
    otherwise: z
      .enum(['cancel', 'keep_waiting'])
      .describe('What becomes of this job when the other one ends differently; a redrive of that one may still help')
      .default('cancel'),
  })
  .meta({ id: 'WorkflowDependency' });

export const workflowJobSchema = jobRequestSchema
  .extend({
    ref: refSchema.describe('Names the job within the workflow; its result is passed on under this name'),
    depends_on: z.array(dependencySchema).max(1_000).default([]),
  })
  .meta({ id: 'WorkflowJob' });

export const workflowRequestSchema = z
  .strictObject({
    name: nameSchema,
    jobs: z.array(workflowJobSchema).min(1, 'holds at least one job').max(1_000, 'holds at most 1000 jobs'),
    ...callbackFields,
  })
  .meta({ id: 'WorkflowRequest' });
