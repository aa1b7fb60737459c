import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import { JobReader, type ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity } from '../access/index.js';
import { spanNames, withSpan } from '@roundhouse/telemetry';
import { check, maxBulkBytes, Operation, parse, parseId, Problem, protobufContentType } from '../http/index.js';
import { WorkflowSubmission } from '../groups/index.js';
import {
  acceptAll,
  acceptedEntry,
  acceptEach,
  bulkRequestSchema,
  idempotencyHeader,
  idempotencyOf,
  jobChainSchema,
  type JobRequest,
  jobRequestSchema,
  JobSubmission,
  originOf,
  type Prepared,
  type SubmissionOrigin,
  submitBinary,
} from '../submission/index.js';
import { jobListQuerySchema } from './job-list-query.js';
import { listUpcoming } from './upcoming.js';
import { jobSchema, jobSummary, jobSummarySchema, jobView } from './job-view.js';

const uniqueFields = {
  existing: z
    .boolean()
    .optional()
    .describe('True: `id` is an earlier job with the same unique key. It has the payload now, unless'),
  follower_id: z.uuid().optional().describe('the payload runs in this job, as soon as `id` is over, or'),
  dropped: z.boolean().optional().describe('true: it will not run'),
};
const acceptedSchema = z.object({
  id: z.uuid(),
  state: z.string(),
  ...uniqueFields,
  workflow_id: z.uuid().optional().describe('With `then`: the job and those that follow, as a workflow'),
});
const bulkAnswerSchema = z.object({
  jobs: z.array(
    z.object({
      id: z.uuid().optional(),
      ...uniqueFields,
      errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    }),
  ),
});

@Controller('v1/jobs')
export class JobsController {
  constructor(
    private readonly submission: JobSubmission,
    private readonly workflows: WorkflowSubmission,
    private readonly reader: JobReader,
    private readonly engine: LedgerEngine,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary: 'Accept a job, or a chain of jobs',
    tag: 'jobs',
    scope: 'jobs:write',
    body: jobChainSchema,
    status: 202,
    headers: idempotencyHeader,
    response: {
      description:
        'The job is stored and will run. The same with status 200 and `dropped`: an earlier job stands in for it',
      schema: acceptedSchema,
    },
  })
  async create(
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') key?: string,
  ) {
    const { then, ...job } = parse(jobChainSchema, body, 'body');
    const idempotency = idempotencyOf('POST /v1/jobs', key);
    const origin = originOf(identity.tenantId, request);
    const state = (job.run_at && job.run_at > new Date()) || job.delay_seconds ? 'scheduled' : 'queued';
    if (then.length > 0) {
      const chain = await this.workflows.chain([job, ...then], origin, idempotency);
      return { id: chain.jobIds[0], state, workflow_id: chain.id };
    }
    const entry = acceptedEntry(await this.submission.submit(job, origin, idempotency));
    if (!entry.existing && !mayWait(job)) return { ...entry, state };
    // Nothing of the request will run: it has not been accepted.
    if (entry.dropped) void reply.status(200);
    return { ...entry, state: (await this.reader.get(identity.tenantId, entry.id))?.state ?? 'unknown' };
  }

  @Post('bulk')
  @HttpCode(202)
  @Operation({
    summary: 'Accept up to 1000 jobs, all or nothing or each by itself',
    tag: 'jobs',
    scope: 'jobs:write',
    body: bulkRequestSchema,
    maxBodyBytes: maxBulkBytes,
    status: 202,
    headers: idempotencyHeader,
    response: {
      description: 'One entry per job, in order: its id, or (per_item) what is wrong with it',
      schema: bulkAnswerSchema,
    },
  })
  async createMany(
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') key?: string,
  ) {
    const received = originOf(identity.tenantId, request);
    const idempotency = idempotencyOf('POST /v1/jobs/bulk', key);
    return withSpan(spanNames.jobAccept, { parent: received.traceparent }, async ({ traceparent }) => {
      const origin = { ...received, traceparent: traceparent || received.traceparent };
      if (Buffer.isBuffer(body)) {
        void reply.type(protobufContentType);
        return submitBinary(this.submission, body, origin, idempotency);
      }
      const { jobs, mode } = parse(bulkRequestSchema, body, 'body', { leave: ['jobs'] });
      const prepared = jobs.map((job) => this.prepare(job, origin));
      const accept = mode === 'per_item' ? acceptEach : acceptAll;
      return { jobs: await accept(this.submission, identity.tenantId, prepared, idempotency) };
    });
  }

  @Get()
  @Operation({
    summary: 'List jobs, newest first, or what runs next',
    tag: 'jobs',
    scope: 'jobs:read',
    query: jobListQuerySchema,
    response: {
      description: 'A page; pass `next` as `cursor` for the next one',
      schema: z.object({ jobs: z.array(jobSummarySchema), next: z.string().nullable() }),
    },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const asked = parse(jobListQuerySchema, query, 'query');
    if (asked.order === 'run_at') return listUpcoming(this.reader, { tenantId }, asked);
    const { cursor, limit, ...filter } = asked;
    const page = await this.reader.list(
      tenantId,
      {
        states: filter.state,
        kind: filter.kind,
        queue: filter.queue,
        parentId: filter.parent_id,
        fingerprint: filter.fingerprint,
        discarded: filter.include_discarded === 'true',
        batchId: filter.batch_id,
        stuck: filter.stuck,
        createdAfter: filter.created_after,
        createdBefore: filter.created_before,
      },
      cursor === undefined ? undefined : parseCursor(cursor),
      limit,
    );
    return { jobs: page.jobs.map(jobSummary), next: page.next ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a job',
    tag: 'jobs',
    scope: 'jobs:read',
    response: { description: 'The job', schema: jobSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const job = await this.reader.get(tenantId, parseId(id));
    if (!job) throw new Problem('not_found', `There is no job ${id}`);
    return jobView(job);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Operation({
    summary: 'Cancel a job',
    tag: 'jobs',
    scope: 'jobs:cancel',
    status: 202,
    response: {
      description: 'A waiting job is cancelled at once; a running one is told to stop',
      schema: z.object({ id: z.uuid(), state: z.string(), stopping: z.boolean() }),
    },
  })
  async cancel(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    const answer = await this.engine.cancellation.cancel(identity.tenantId, parseId(id), actorOf(identity));
    if (!answer) throw new Problem('not_found', `There is no job ${id}`);
    const { state, stopping, changed } = answer;
    if (!changed && !stopping && state !== 'cancelled')
      throw new Problem('conflict', `The job is ${state}: there is nothing to cancel`);
    return { id, state, stopping };
  }

  private prepare(job: unknown, origin: SubmissionOrigin): Prepared {
    const checked = check(jobRequestSchema, job);
    return checked.ok ? this.submission.prepare(checked.value, origin) : checked;
  }
}

/** Though no time was asked for. */
const mayWait = ({ kind, options }: JobRequest): boolean =>
  (options?.unique?.mode ?? catalogue.kind(kind)?.unique?.mode) === 'debounce';

function parseCursor(cursor: string): string {
  if (!z.uuid().safeParse(cursor).success) {
    throw new Problem('invalid_request', 'The cursor is not one this list has given out', {
      errors: [{ path: 'cursor', message: 'not valid' }],
    });
  }
  return cursor;
}
