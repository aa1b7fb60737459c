import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import {
  attemptsOf,
  JobReader,
  readHistory,
  type ApiKeyIdentity,
  type JobAttempt,
  type JobDetail,
} from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity } from '../access/index.js';
import { Operation, parse, parseId, Problem } from '../http/index.js';
import { encodeEdited, JobSubmission, readPayload } from '../submission/index.js';
import { jobRedriveSchema } from './dead-requests.js';

const time = z.iso.datetime().nullable();
const errorSchema = z
  .object({
    job_id: z.uuid(),
    state: z.string(),
    fingerprint: z.string().nullable(),
    error: z
      .object({
        code: z.string(),
        message: z.string(),
        retryable: z.boolean(),
        field: z.string().nullable(),
        stack: z.string().nullable(),
      })
      .nullable(),
    attempts: z.array(
      z.object({
        attempt: z.number().int(),
        worker_id: z.string().nullable(),
        started_at: z.iso.datetime(),
        ended_at: time,
        outcome: z.string().nullable().describe('State the job went into'),
        error: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
    unreadable_payload: z.string().nullable().describe('Base64 of the bytes, when they are no request of the kind'),
  })
  .meta({ id: 'JobError' });

const historyLimit = 10_000;

function attemptView({ attempt, worker, startedAt, endedAt, outcome, error }: JobAttempt) {
  return {
    attempt,
    worker_id: worker,
    started_at: startedAt.toISOString(),
    ended_at: endedAt?.toISOString() ?? null,
    outcome,
    error: error && { code: error.code, message: error.message },
  };
}

@Controller('v1/jobs')
export class JobRedriveController {
  constructor(
    private readonly engine: LedgerEngine,
    private readonly reader: JobReader,
    private readonly submission: JobSubmission,
    private readonly dataSource: DataSource,
  ) {}

  @Get(':id/error')
  @Operation({
    summary: 'Read why a job failed last, with the stack and every attempt',
    tag: 'dead letters',
    scope: 'dead:redrive',
    response: { description: 'The error', schema: errorSchema },
  })
  async error(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity): Promise<z.input<typeof errorSchema>> {
    const job = await this.find(tenantId, id);
    const history = await readHistory(this.dataSource, [job.id], '0', historyLimit);
    const { error } = job;
    return {
      job_id: job.id,
      state: job.state,
      fingerprint: job.fingerprint,
      error: error && {
        code: error.code,
        message: error.message,
        retryable: error.retryable,
        field: error.field ?? null,
        stack: error.stack ?? null,
      },
      attempts: attemptsOf(history).map(attemptView),
      unreadable_payload: readPayload(job) === undefined ? job.payload.toString('base64') : null,
    };
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @Operation({
    summary: 'Run a dead job again, with an edited payload if you like',
    tag: 'dead letters',
    scope: 'dead:redrive',
    body: jobRedriveSchema,
    status: 202,
    response: { description: 'It will run', schema: z.object({ id: z.uuid(), state: z.string() }) },
  })
  async redrive(
    @Param('id') rawId: string,
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
    @Req() request: FastifyRequest,
  ) {
    const { payload: edited, run_at: runAt } = parse(jobRedriveSchema, body, 'body');
    const { tenantId } = identity;
    const job = await this.find(tenantId, rawId);
    const payload = edited && encodeEdited(this.submission, job, edited, { identity, request });
    const answer = await this.engine.redrives.one(tenantId, job.id, { actor: actorOf(identity), payload, runAt });
    if (!answer) throw new Problem('not_found', `There is no job ${rawId}`);
    if (!answer.done) throw new Problem('conflict', answer.reason);
    return { id: job.id, state: answer.state };
  }

  private async find(tenantId: string, id: string): Promise<JobDetail> {
    const job = await this.reader.get(tenantId, parseId(id));
    if (!job) throw new Problem('not_found', `There is no job ${id}`);
    return job;
  }
}
