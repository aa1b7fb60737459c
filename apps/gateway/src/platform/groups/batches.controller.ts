import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { BatchReader, type ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { Identity } from '../access/index.js';
import { maxBulkBytes, Operation, parse, parseId, Problem } from '../http/index.js';
import { idempotencyHeader, idempotencyOf, originOf } from '../submission/index.js';
import { batchJobsSchema, batchListQuerySchema, batchRequestSchema } from './batch-requests.js';
import { BatchSubmission, idempotencyFor } from './batch-submission.js';
import { batchSchema, batchView } from './batch-view.js';

const unknown = (id: string): Problem => new Problem('not_found', `There is no batch ${id}`);

const droppedField = {
  dropped: z
    .array(z.number().int())
    .optional()
    .describe(
      'Places of jobs that will not run: the one named at their place has their unique key, and is none of the batch',
    ),
};
const dropped = ({ dropped: places }: { dropped: number[] }) => (places.length > 0 ? { dropped: places } : {});

@Controller('v1/batches')
export class BatchesController {
  constructor(
    private readonly submission: BatchSubmission,
    private readonly reader: BatchReader,
    private readonly engine: LedgerEngine,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary: 'Create a batch of jobs, all of them or none',
    tag: 'batches',
    scope: 'jobs:write',
    body: batchRequestSchema,
    maxBodyBytes: maxBulkBytes,
    status: 202,
    headers: idempotencyHeader,
    response: {
      description: 'The batch and its first jobs, in the order of the request',
      schema: z.object({ id: z.uuid(), jobs: z.array(z.uuid()), ...droppedField }),
    },
  })
  async create(
    @Body() body: unknown,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Headers('idempotency-key') key?: string,
  ) {
    const batch = parse(batchRequestSchema, body, 'body');
    const origin = originOf(tenantId, request);
    const jobs = this.submission.jobs(batch.jobs, origin);
    const callbacks = this.submission.callbacks(batch, origin);
    const { name, sealed } = batch;
    const shape = [name, sealed, batch.on_success, batch.on_death, batch.on_complete];
    const idempotency = idempotencyFor(idempotencyOf('POST /v1/batches', key), jobs, shape);
    const traceparent = origin.traceparent ?? '';
    const created = await this.submission.store(() =>
      this.engine.batches.create({ tenantId, name, sealed, jobs, callbacks, traceparent, idempotency }),
    );
    return { id: created.id, jobs: created.jobIds, ...dropped(created) };
  }

  @Post(':id/jobs')
  @HttpCode(202)
  @Operation({
    summary: 'Add up to 1000 jobs to an open batch, all of them or none',
    tag: 'batches',
    scope: 'jobs:write',
    body: batchJobsSchema,
    maxBodyBytes: maxBulkBytes,
    status: 202,
    headers: idempotencyHeader,
    response: {
      description: 'The new jobs, in order, and how many the batch has now',
      schema: z.object({ jobs: z.array(z.uuid()), total: z.number().int(), ...droppedField }),
    },
  })
  async add(
    @Param('id') rawId: string,
    @Body() body: unknown,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Headers('idempotency-key') key?: string,
  ) {
    const id = parseId(rawId);
    const { jobs: requests } = parse(batchJobsSchema, body, 'body');
    const jobs = this.submission.jobs(requests, originOf(tenantId, request));
    const idempotency = idempotencyFor(idempotencyOf(`POST /v1/batches/${id}/jobs`, key), jobs, id);
    const added = await this.submission.store(() => this.engine.batches.add(tenantId, id, jobs, idempotency));
    if (!added) throw unknown(id);
    return { jobs: added.jobIds, total: added.total, ...dropped(added) };
  }

  @Post(':id/seal')
  @HttpCode(200)
  @Operation({
    summary: 'Seal a batch: nothing is added any more, and it is complete when its jobs are',
    tag: 'batches',
    scope: 'jobs:write',
    response: { description: 'The batch', schema: batchSchema },
  })
  async seal(@Param('id') rawId: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const id = parseId(rawId);
    if (!(await this.engine.batches.seal(tenantId, id))) throw unknown(id);
    return this.view(tenantId, id);
  }

  @Get()
  @Operation({
    summary: 'List batches, newest first',
    tag: 'batches',
    scope: 'jobs:view',
    query: batchListQuerySchema,
    response: {
      description: 'A page; pass `next` as `cursor` for the next one',
      schema: z.object({ batches: z.array(batchSchema), next: z.string().nullable() }),
    },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { cursor, limit } = parse(batchListQuerySchema, query, 'query');
    const page = await this.reader.list(tenantId, false, cursor && parseId(cursor), limit);
    return { batches: page.batches.map(batchView), next: page.next ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a batch: how far it is and when it may be done',
    tag: 'batches',
    scope: 'jobs:view',
    response: { description: 'The batch', schema: batchSchema },
  })
  async read(@Param('id') rawId: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return this.view(tenantId, parseId(rawId));
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Operation({
    summary: 'Cancel all jobs of a batch that are not over',
    tag: 'batches',
    scope: 'jobs:cancel',
    status: 202,
    response: {
      description:
        'The batch; it takes no more jobs, waiting ones are cancelled in steps and running ones told to stop',
      schema: batchSchema,
    },
  })
  async cancel(@Param('id') rawId: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const id = parseId(rawId);
    const known = await this.reader.get(tenantId, id, false);
    if (!known || !(await this.engine.batchCancellation.request(tenantId, id))) throw unknown(id);
    return this.view(tenantId, id);
  }

  private async view(tenantId: string, id: string) {
    const batch = await this.reader.get(tenantId, id, false);
    if (!batch) throw unknown(id);
    return batchView(batch);
  }
}
