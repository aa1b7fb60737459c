import { allows, operatorTenant, type ApiKeyIdentity, type JobFilter } from '@roundhouse/ledger';
import { z } from 'zod';
import { Problem } from '../http/index.js';
import { jobListQuerySchema } from '../jobs/index.js';

const text = (max: number) => z.string().min(1).max(max);
const several = z.union([text(200), z.array(text(200)).max(10)]).transform((value) => [value].flat());

const filterFields = {
  ...jobListQuerySchema.omit({ order: true, limit: true, cursor: true, include_discarded: true }).shape,
  error: text(200).describe('Part of the code or message of the last error').optional(),
  input: several
    .describe('Text somewhere in the payload, or `field.path=text`; sensitive fields never match. Needs payloads:read')
    .optional(),
  tenant: text(63).describe('Another tenant’s jobs; for keys of the operator’s tenant').optional(),
};

export const jobCountQuerySchema = z.strictObject(filterFields).omit({ input: true });
export const jobLookQuerySchema = z.strictObject({
  ...filterFields,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.uuid().optional(),
});

type Asked = z.output<typeof jobCountQuerySchema>;

export function filterOf(asked: Asked): JobFilter {
  return {
    states: asked.state,
    kind: asked.kind,
    queue: asked.queue,
    parentId: asked.parent_id,
    fingerprint: asked.fingerprint,
    batchId: asked.batch_id,
    stuck: asked.stuck,
    createdAfter: asked.created_after,
    createdBefore: asked.created_before,
    error: asked.error,
  };
}

/** Whose jobs are asked for. */
export function tenantOf({ tenantId }: ApiKeyIdentity, asked: string | undefined): string {
  if (asked === undefined || asked === tenantId) return tenantId;
  if (tenantId === operatorTenant) return asked;
  throw new Problem('forbidden', `Jobs of other tenants are for keys of tenant ${operatorTenant}`);
}

/** Searching payloads tells what is in them. */
export function needPayloads({ scopes }: ApiKeyIdentity): void {
  if (!allows(scopes, 'payloads:read'))
    throw new Problem('forbidden', 'Searching payloads needs an API key with scope payloads:read');
}
