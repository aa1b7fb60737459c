import { Body, Controller, Headers, HttpCode, Param, Post, Req } from '@nestjs/common';
import {
  IdempotencyConflict,
  JobReader,
  UniqueConflict,
  type ApiKeyIdentity,
  type RerunAnswer,
} from '@roundhouse/ledger';
import { newTraceparent } from '@roundhouse/telemetry';
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import {
  editedPayloadSchema,
  encodeEdited,
  idempotencyHeader,
  idempotencyOf,
  JobSubmission,
  OutboxLimit,
} from '../submission/index.js';
import { actorOf, Identity } from '../access/index.js';
import { Operation, parse, parseId, Problem } from '../http/index.js';

const rerunSchema = z.strictObject({ payload: editedPayloadSchema.optional() }).meta({ id: 'RerunRequest' });

const rerunAnswerSchema = z.object({
  id: z.uuid().describe('The new job'),
  rerun_of: z.uuid(),
  existing: z.boolean().optional().describe('True: an earlier job with the same unique key stands in for it'),
});

@Controller('v1/jobs')
export class RerunController {
  constructor(
    private readonly engine: LedgerEngine,
    private readonly outbox: OutboxLimit,
    private readonly reader: JobReader,
    private readonly submission: JobSubmission,
  ) {}

  @Post(':id/rerun')
  @HttpCode(202)
  @Operation({
    summary: 'Run a job that is over once more as a new job, with an edited payload if you like',
    tag: 'jobs',
    scope: 'jobs:write',
    body: rerunSchema,
    status: 202,
    headers: idempotencyHeader,
    response: { description: 'The new job will run; both refer to each other', schema: rerunAnswerSchema },
  })
  async rerun(
    @Param('id') rawId: string,
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Headers('idempotency-key') key?: string,
  ): Promise<z.input<typeof rerunAnswerSchema>> {
    const { payload: edited } = parse(rerunSchema, body, 'body');
    const { tenantId } = identity;
    const jobId = parseId(rawId);
    this.outbox.assertRoom();
    const payload = edited && (await this.encode(jobId, edited, { identity, request }));
    const idempotency = idempotencyOf(`POST /v1/jobs/${jobId}/rerun`, key);
    const bodyHash = createHash('sha256')
      .update(payload ?? '')
      .digest();
    const traceparent = request.traceparent || newTraceparent();
    const rerun = { tenantId, jobId, payload, actor: actorOf(identity), traceparent };
    const answer = await this.engine.reruns
      .run({ ...rerun, idempotency: idempotency && { ...idempotency, bodyHash } })
      .catch(asProblem);
    if (!answer) throw notFound(jobId);
    if (!answer.done) throw new Problem('conflict', answer.reason);
    return { id: answer.id, rerun_of: jobId, ...(answer.existing && { existing: true }) };
  }

  private async encode(
    id: string,
    edited: Record<string, unknown>,
    by: { identity: ApiKeyIdentity; request: FastifyRequest },
  ): Promise<Uint8Array> {
    const job = await this.reader.get(by.identity.tenantId, id);
    if (!job) throw notFound(id);
    return encodeEdited(this.submission, job, edited, by);
  }
}

const notFound = (id: string): Problem => new Problem('not_found', `There is no job ${id}`);

function asProblem(error: unknown): RerunAnswer {
  if (error instanceof UniqueConflict) throw new Problem('conflict', error.message);
  if (error instanceof IdempotencyConflict) throw new Problem('idempotency_conflict', error.message);
  throw error;
}
