import { Body, Controller, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import {
  countDead,
  deadGroups,
  discardDead,
  failureStatuses,
  IdempotencyConflict,
  JobReader,
  type ApiKeyIdentity,
  type DeadGroup,
  type NewRedrive,
} from '@roundhouse/ledger';
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity } from '../access/index.js';
import { Operation, parse, Problem } from '../http/index.js';
import { idempotencyHeader, idempotencyOf } from '../submission/index.js';
import { deadFilter, deadQuerySchema, discardRequestSchema, redriveRequestSchema } from './dead-requests.js';

const time = z.iso.datetime();

const groupSchema = z
  .object({
    fingerprint: z.string().nullable().describe('The same for the same fault of the same contract version'),
    kind: z.string(),
    contract_version: z.number().int(),
    code: z.string().nullable(),
    queues: z.array(z.string()),
    count: z.number().int(),
    first_death: z.iso.datetime(),
    last_death: z.iso.datetime(),
    sample_job_id: z.uuid(),
    sample_message: z.string().nullable(),
    status: z.enum(failureStatuses).describe('recurred: somebody has died of it since it was resolved'),
    muted: z
      .object({ at: time, by: z.string(), reason: z.string(), until: time.nullable() })
      .nullable()
      .describe('Raises no alarm'),
    resolved: z.object({ at: time, by: z.string(), reason: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'DeadGroup' });

function groupView(group: DeadGroup): z.input<typeof groupSchema> {
  const { fingerprint, kind, version, code, queues, count, sample_job_id, sample_message, status } = group;
  return {
    fingerprint,
    kind,
    contract_version: version,
    code,
    queues,
    count,
    first_death: group.first_death.toISOString(),
    last_death: group.last_death.toISOString(),
    sample_job_id,
    sample_message,
    status,
    muted: status === 'muted' ? mutedView(group) : null,
    resolved: group.resolved_at && {
      at: group.resolved_at.toISOString(),
      by: group.resolved_by ?? '',
      reason: group.resolve_reason,
    },
  };
}

const mutedView = ({ muted_at: at, muted_by: by, mute_reason: reason, muted_until: until }: DeadGroup) => ({
  at: (at ?? new Date(0)).toISOString(),
  by: by ?? '',
  reason: reason ?? '',
  until: until?.toISOString() ?? null,
});

/** Dead jobs by their cause, and what to do about them. */
@Controller('v1/dead')
export class DeadController {
  constructor(
    private readonly engine: LedgerEngine,
    private readonly reader: JobReader,
    private readonly dataSource: DataSource,
  ) {}

  @Get()
  @Operation({
    summary: 'Group dead jobs by cause and contract version, latest death first',
    tag: 'dead letters',
    scope: 'jobs:view',
    query: deadQuerySchema,
    response: { description: 'The groups', schema: z.object({ groups: z.array(groupSchema) }) },
  })
  async groups(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { limit, include_discarded: discarded, status, ...filter } = parse(deadQuerySchema, query, 'query');
    const options = { limit, discarded: discarded === 'true', status };
    const groups = await deadGroups(this.dataSource, tenantId, deadFilter(filter), options);
    return { groups: groups.map(groupView) };
  }

  @Post('redrive')
  @HttpCode(202)
  @Operation({
    summary: 'Redrive every dead job that matches now',
    tag: 'dead letters',
    scope: 'dead:redrive',
    body: redriveRequestSchema,
    status: 202,
    headers: idempotencyHeader,
    response: {
      description: 'The redrive; follow it at /v1/redrives/{id}. With dry_run (200) only the number of jobs',
      schema: z.object({
        id: z.uuid().optional(),
        matched: z.number().int().optional(),
        as_of: z.iso.datetime().optional().describe('Of a dry run: as filter.until it means exactly these jobs'),
      }),
    },
  })
  async redrive(
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') key?: string,
  ) {
    const request = parse(redriveRequestSchema, body, 'body');
    const { tenantId } = identity;
    const filter = deadFilter(request.filter);
    if (request.dry_run) {
      void reply.status(200);
      const { count, asOf } = await countDead(this.dataSource, tenantId, filter);
      return { matched: count, as_of: asOf.toISOString() };
    }
    const named = idempotencyOf('POST /v1/dead/redrive', key);
    const bodyHash = createHash('sha256').update(JSON.stringify(request)).digest();
    const { id } = await this.create({
      tenantId,
      filter,
      actor: actorOf(identity),
      canary: request.canary,
      perSecond: request.per_second,
      reason: request.reason,
      idempotency: named && { ...named, bodyHash },
    });
    return { id };
  }

  @Post('discard')
  @HttpCode(200)
  @Operation({
    summary: 'Put dead jobs out of sight: they stay dead, and lists, groups and filters pass them over',
    tag: 'dead letters',
    scope: 'dead:redrive',
    body: discardRequestSchema,
    response: { description: 'How many', schema: z.object({ discarded: z.number().int() }) },
  })
  async discard(@Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const { job_id: jobId, filter = {} } = parse(discardRequestSchema, body, 'body');
    const { tenantId } = identity;
    if (jobId !== undefined) await this.assertDead(tenantId, jobId);
    const meant = { ...deadFilter(filter), jobId };
    return { discarded: await discardDead(this.dataSource, tenantId, meant, actorOf(identity)) };
  }

  private async create(redrive: NewRedrive): Promise<{ id: string }> {
    try {
      return await this.engine.redrives.create(redrive);
    } catch (error) {
      if (error instanceof IdempotencyConflict) throw new Problem('idempotency_conflict', error.message);
      throw error;
    }
  }

  private async assertDead(tenantId: string, id: string): Promise<void> {
    const job = await this.reader.get(tenantId, id);
    if (!job) throw new Problem('not_found', `There is no job ${id}`);
    if (job.state !== 'dead') throw new Problem('conflict', `The job is ${job.state}; only dead jobs are discarded`);
  }
}
