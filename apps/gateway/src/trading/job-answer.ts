import { Injectable } from '@nestjs/common';
import type { KindName } from '@roundhouse/contracts';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Problem } from '../http/problem.js';
import { idempotencyKeySchema } from '../jobs/job-requests.js';
import { JobSubmission } from '../jobs/job-submission.js';

export const jobAnswerSchema = z
  .object({ job_id: z.uuid().describe('Follow it at /v1/jobs/{job_id}'), state: z.string() })
  .meta({ id: 'JobAnswer' });

/** Of an upload: whoever sent the file may follow it without an API key. */
export const uploadAnswerSchema = jobAnswerSchema
  .extend({
    status_url: z.url().optional().describe("The job's status page, with a button to cancel it; it needs no API key"),
    status_expires_at: z.iso.datetime().optional().describe('When that link ends'),
  })
  .meta({ id: 'UploadAnswer' });

export const idempotencyHeader = {
  'Idempotency-Key': 'Makes a repeated request answer like the first one, for 7 days',
};

/** Turns a request of the trading routes into a job; `payload` is the JSON form of the kind's message. */
@Injectable()
export class TradingJobs {
  constructor(private readonly submission: JobSubmission) {}

  async submit(
    kind: KindName,
    payload: Record<string, unknown>,
    route: string,
    { tenantId }: ApiKeyIdentity,
    { headers, traceparent }: FastifyRequest,
  ): Promise<z.input<typeof jobAnswerSchema>> {
    const given = headers['idempotency-key'];
    const key = given === undefined ? undefined : idempotencyKeySchema.safeParse(given);
    if (key && !key.success) throw new Problem('invalid_request', 'Idempotency-Key must have 1 to 255 characters');
    const idempotency = key && { route, key: key.data };
    try {
      const { jobIds } = await this.submission.submit({ kind, payload }, { tenantId, traceparent }, idempotency);
      return { job_id: jobIds[0]!, state: 'queued' };
    } catch (error) {
      throw error instanceof Problem ? withoutPayload(error) : error;
    }
  }
}

/** The client has sent no payload: the fields are its own. */
function withoutPayload(problem: Problem): Problem {
  const errors = problem.options.errors?.map(({ path, message }) => ({
    path: path.replace(/^payload\.?/, ''),
    message,
  }));
  const names = errors?.map(({ path }) => path).join(', ');
  return new Problem(problem.code, errors ? `The request is not valid: ${names}` : problem.message, {
    ...problem.options,
    errors,
  });
}
