import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { BatchReader, type ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { batchListQuerySchema } from './batch-requests.js';
import { batchSchema, batchView } from './batch-view.js';
import { LedgerEngine } from '../engine/index.js';
import { Identity } from '../access/index.js';
import { maxBulkBytes, Operation, parse, parseId, Problem } from '../http/index.js';
import { idempotencyHeader, idempotencyOf, originOf } from '../submission/index.js';
import { workflowRequestSchema } from './workflow-requests.js';
import { WorkflowSubmission } from './workflow-submission.js';
import { workflowSchema, workflowView } from './workflow-view.js';

const unknown = (id: string): Problem => new Problem('not_found', `There is no workflow ${id}`);

@Controller('v1/workflows')
export class WorkflowsController {
  constructor(
    private readonly submission: WorkflowSubmission,
    private readonly reader: BatchReader,
    private readonly engine: LedgerEngine,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary: 'Start a workflow: jobs that depend on each other, all of them or none',
    tag: 'workflows',
    scope: 'jobs:write',
    body: workflowRequestSchema,
    maxBodyBytes: maxBulkBytes,
    status: 202,
    headers: idempotencyHeader,
    response: {
      description: 'The workflow and its jobs, in the order of the request',
      schema: z.object({ id: z.uuid(), jobs: z.array(z.object({ ref: z.string(), id: z.uuid() })) }),
    },
  })
  async create(
    @Body() body: unknown,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Headers('idempotency-key') key?: string,
  ) {
    const workflow = parse(workflowRequestSchema, body, 'body');
    const idempotency = idempotencyOf('POST /v1/workflows', key);
    const { id, jobIds } = await this.submission.submit(workflow, originOf(tenantId, request), idempotency);
    return { id, jobs: workflow.jobs.map(({ ref }, i) => ({ ref, id: jobIds[i] })) };
  }

  @Get()
  @Operation({
    summary: 'List workflows, newest first',
    tag: 'workflows',
    scope: 'jobs:view',
    query: batchListQuerySchema,
    response: {
      description: 'A page; pass `next` as `cursor` for the next one',
      schema: z.object({ workflows: z.array(batchSchema), next: z.string().nullable() }),
    },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { cursor, limit } = parse(batchListQuerySchema, query, 'query');
    const page = await this.reader.list(tenantId, true, cursor && parseId(cursor), limit);
    return { workflows: page.batches.map(batchView), next: page.next ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a workflow: its graph with the state of every job',
    tag: 'workflows',
    scope: 'jobs:view',
    response: { description: 'The workflow', schema: workflowSchema },
  })
  async read(@Param('id') rawId: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return this.view(tenantId, parseId(rawId));
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Operation({
    summary: 'Cancel all jobs of a workflow that are not over',
    tag: 'workflows',
    scope: 'jobs:cancel',
    status: 202,
    response: {
      description: 'The workflow; waiting jobs are cancelled, running ones told to stop',
      schema: workflowSchema,
    },
  })
  async cancel(@Param('id') rawId: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const id = parseId(rawId);
    if (!(await this.reader.get(tenantId, id, true))) throw unknown(id);
    await this.engine.batchCancellation.request(tenantId, id);
    return this.view(tenantId, id);
  }

  private async view(tenantId: string, id: string) {
    const workflow = await this.reader.workflow(tenantId, id);
    if (!workflow) throw unknown(id);
    return workflowView(workflow);
  }
}
