import { jobStates } from '@roundhouse/jobs';
import { z } from 'zod';
import { idSchema, pageFields, timestampSchema } from '../http/index.js';

/** Comma-separated list of states, or `state` repeated. */
const statesSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    [value]
      .flat()
      .flatMap((s) => s.split(','))
      .filter(Boolean),
  )
  .pipe(z.array(z.enum(jobStates)));

export const jobListQuerySchema = z.strictObject({
  state: statesSchema.optional(),
  kind: z.string().max(100).optional(),
  queue: z.string().max(100).optional(),
  parent_id: idSchema.optional(),
  order: z
    .enum(['newest', 'run_at'])
    .describe('run_at: what runs next, earliest first; of scheduled and retrying jobs only')
    .default('newest'),
  fingerprint: z.string().max(100).optional(),
  include_discarded: z.enum(['true', 'false']).optional(),
  batch_id: idSchema.describe('Jobs of a batch or workflow').optional(),
  stuck: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .describe('Running attempts that give no sign of getting further')
    .optional(),
  created_after: timestampSchema.optional(),
  created_before: timestampSchema.optional(),
  ...pageFields,
});
