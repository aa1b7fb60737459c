import { Injectable } from '@nestjs/common';
import type { KindName } from '@roundhouse/contracts';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Problem } from '../http/index.js';
import { StatusAccess } from '../status/index.js';
import type { jobAnswerSchema } from './job-answer.js';
import { idempotencyOf, JobSubmission } from '../submission/index.js';

/** Turns a request of a workload's routes into a job; `payload` is the JSON form of the kind's message. */
@Injectable()
export class WorkloadJobs {
  constructor(
    private readonly submission: JobSubmission,
    private readonly status: StatusAccess,
  ) {}

  /** As `submit`, and with a link to the job's status page for whoever has sent the file. */
  async submitShared(...[kind, payload, route, identity, request]: Parameters<WorkloadJobs['submit']>) {
    const answer = await this.submit(kind, payload, route, identity, request);
    return { ...answer, ...(await this.status.inAnswer(identity, request, answer.job_id)) };
  }

  async submit(
    kind: KindName,
    payload: Record<string, unknown>,
    route: string,
    { tenantId }: ApiKeyIdentity,
    { headers, traceparent }: FastifyRequest,
  ): Promise<z.input<typeof jobAnswerSchema>> {
    const idempotency = idempotencyOf(route, headers['idempotency-key']);
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
