import { failureStatuses, type DeadFilter } from '@roundhouse/ledger';
import { z } from 'zod';
import { editedPayloadSchema } from '../submission/index.js';
import { idSchema, pageFields, timestampSchema } from '../http/index.js';

const name = z.string().min(1).max(100);

const filterFields = {
  fingerprint: name.describe('A group of `GET /v1/dead`').optional(),
  kind: name.optional(),
  queue: name.optional(),
  code: name.describe('Error code, e.g. UNAVAILABLE').optional(),
  since: timestampSchema.describe('Died at or after').optional(),
  until: timestampSchema.describe('Died before').optional(),
};

export const deadFilterSchema = z.strictObject(filterFields).meta({ id: 'DeadFilter' });

export const deadQuerySchema = z.strictObject({
  ...filterFields,
  status: z.enum(failureStatuses).optional(),
  limit: pageFields.limit,
  include_discarded: z.enum(['true', 'false']).default('false'),
});

export const failingQuerySchema = z.strictObject({
  fingerprint: name.describe('A group of `GET /v1/failing`').optional(),
  kind: filterFields.kind,
  queue: filterFields.queue,
  code: filterFields.code,
  limit: pageFields.limit,
});

export const jobRedriveSchema = z.strictObject({
  payload: editedPayloadSchema.optional(),
  run_at: timestampSchema.optional(),
});

export const redriveRequestSchema = z.strictObject({
  filter: deadFilterSchema.describe('{} means every dead job'),
  per_second: z
    .number()
    .positive()
    .max(10_000)
    .describe('Jobs sent per second; as fast as possible if unset')
    .optional(),
  canary: z
    .boolean()
    .describe('1 job, then 10, then all, each stage after the one before has ended; stops when a fingerprint recurs')
    .default(false),
  reason: z.string().max(500).describe('Why, for the audit log').optional(),
  dry_run: z.boolean().describe('Only count').default(false),
});

export const discardRequestSchema = z
  .strictObject({ job_id: idSchema.optional(), filter: deadFilterSchema.optional() })
  .refine((body) => (body.job_id === undefined) !== (body.filter === undefined), {
    path: ['filter'],
    message: 'give either job_id or filter',
  });

/** The request's filter in the ledger's terms: nothing but what was given. */
export function deadFilter(fields: DeadFilter): DeadFilter {
  const { fingerprint, kind, queue, code, since, until } = fields;
  return { fingerprint, kind, queue, code, since, until };
}
