import { finalStates, type JobState } from '@roundhouse/jobs';
import { z } from 'zod';
import { idSchema, pageFields, timestampSchema } from '../http/validation.js';

const states = ['scheduled', 'queued', 'running', 'retrying', 'blocked', ...finalStates] as [JobState, ...JobState[]];

/** One job as a client asks for it. The payload is checked against the kind's message afterwards. */
export const jobRequestSchema = z
  .strictObject({
    kind: z.string('is required: the name of a job kind, e.g. "trading.import_trades"').min(1).max(100),
    payload: z.record(z.string(), z.unknown(), 'must be an object with the fields of the kind').default({}),
    run_at: timestampSchema.optional(),
  })
  .meta({ id: 'JobRequest' });
export type JobRequest = z.output<typeof jobRequestSchema>;

export const bulkRequestSchema = z.strictObject({
  mode: z.enum(['all_or_nothing', 'per_item']).default('all_or_nothing'),
  jobs: z.array(z.unknown()).min(1, 'holds at least one job').max(1_000, 'holds at most 1000 jobs'),
});

/** Comma-separated list of states, or `state` repeated. */
const statesSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat().flatMap((s) => s.split(',')).filter(Boolean))
  .pipe(z.array(z.enum(states)));

export const jobListQuerySchema = z.strictObject({
  state: statesSchema.optional(),
  kind: z.string().max(100).optional(),
  queue: z.string().max(100).optional(),
  parent_id: idSchema.optional(),
  created_after: timestampSchema.optional(),
  created_before: timestampSchema.optional(),
  ...pageFields,
});

export const idempotencyKeySchema = z.string().min(1).max(255);
