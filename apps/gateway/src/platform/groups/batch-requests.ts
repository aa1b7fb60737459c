import { z } from 'zod';
import { pageFields } from '../http/index.js';
import { jobRequestSchema } from '../submission/index.js';

const nameSchema = z.string().min(1).max(200).describe('For people; need not be unique');

/** A job that a batch creates when something happens to it. */
const callbackSchema = jobRequestSchema.pick({ kind: true, payload: true }).meta({ id: 'BatchCallback' });

export const callbackFields = {
  on_success: callbackSchema.describe('Created when all jobs have succeeded').optional(),
  on_death: callbackSchema.describe('Created when the first job has died').optional(),
  on_complete: callbackSchema.describe('Created when all jobs are over').optional(),
};

const jobs = z.array(jobRequestSchema).max(1_000, 'holds at most 1000 jobs; more are added to the open batch');

export const batchRequestSchema = z
  .strictObject({
    name: nameSchema,
    jobs: jobs.default([]),
    sealed: z.boolean().describe('Nothing is added later: the batch is complete when its jobs are').default(false),
    ...callbackFields,
  })
  .meta({ id: 'BatchRequest' });
export type BatchRequest = z.output<typeof batchRequestSchema>;

export const batchJobsSchema = z.strictObject({ jobs: jobs.min(1, 'holds at least one job') });

export const batchListQuerySchema = z.strictObject({ ...pageFields });
export { nameSchema };
