import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/index.js';
import { idempotencyKeySchema } from './job-requests.js';
import type { SubmissionOrigin } from './job-submission.js';

export function originOf(tenantId: string, { traceparent, receivedAt }: FastifyRequest): SubmissionOrigin {
  return { tenantId, traceparent, receivedAt };
}

/** @param key the header `Idempotency-Key` */
export function idempotencyOf(
  route: string,
  key: string | string[] | undefined,
): { route: string; key: string } | undefined {
  if (key === undefined) return undefined;
  const checked = idempotencyKeySchema.safeParse(key);
  if (!checked.success) throw new Problem('invalid_request', 'Idempotency-Key must have 1 to 255 characters');
  return { route, key: checked.data };
}

export const idempotencyHeader = {
  'Idempotency-Key': 'Makes a repeated request answer like the first one, for 7 days',
};
