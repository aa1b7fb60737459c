import { catalogue, decodeToJson } from '@roundhouse/contracts';
import type { ApiKeyIdentity, JobDetail } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Problem } from '../http/index.js';
import { restoreHidden } from './hidden-values.js';
import type { JobSubmission } from './job-submission.js';
import { originOf } from './request-origin.js';

export const editedPayloadSchema = z
  .record(z.string(), z.unknown(), 'must be an object with the fields of the kind')
  .describe(
    'Takes the place of the payload. A sensitive field that still reads "[redacted]" keeps its value; beside other changes this needs payloads:read',
  );

/** The payload as JSON; undefined when it is no request of the kind. */
export function readPayload({ kind, version, payload }: JobDetail): ReturnType<typeof decodeToJson> | undefined {
  const definition = catalogue.kind(kind);
  if (!definition || version === 0) return undefined;
  try {
    return decodeToJson(definition.requestType, payload);
  } catch {
    return undefined;
  }
}

/** The bytes of a payload that was read redacted and edited by `identity`. @throws Problem naming the fields at fault */
export function encodeEdited(
  submission: JobSubmission,
  job: JobDetail,
  edited: Record<string, unknown>,
  { identity, request }: { identity: ApiKeyIdentity; request: FastifyRequest },
): Uint8Array {
  const definition = catalogue.kind(job.kind);
  if (!definition) throw new Problem('conflict', `Kind ${job.kind} is not in the contract`);
  const original = readPayload(job) ?? null;
  const payload = restoreHidden(definition.requestType, edited, original, identity.scopes);
  const prepared = submission.prepare({ kind: job.kind, payload }, originOf(job.tenantId, request));
  if (prepared.ok) return prepared.job.payload;
  throw new Problem('invalid_request', 'The edited payload does not fit the contract', { errors: prepared.errors });
}
