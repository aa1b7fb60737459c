import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { digestContentSecurityPolicy, type DigestSnapshot, DigestStore, type DigestSummary } from '@roundhouse/trading';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identity, OpenBySignedLink, SignedLinks } from '../../platform/access/index.js';
import { FailureInterceptor, nextSchema, Operation, parse, parseId, Problem } from '../../platform/http/index.js';
import { idempotencyHeader } from '../../platform/submission/index.js';
import { jobAnswerSchema, WorkloadJobs } from '../../platform/workload/index.js';
import { userIdSchema, userPageQuery } from './trading-fields.js';

const digestRequestSchema = z
  .strictObject({
    user_id: userIdSchema,
    week_of: z.iso
      .date('must be a date like 2026-01-31')
      .optional()
      .describe('Any day of the week; unset: the last complete one'),
  })
  .meta({ id: 'DigestRequest' });

const digestSummarySchema = z
  .object({
    id: z.uuid(),
    user_id: z.string(),
    period_start: z.iso.date(),
    period_end: z.iso.date().describe('Not part of the period'),
    time_zone: z.string(),
    trades: z.number().int(),
    generated_at: z.iso.datetime(),
    page: z.string().describe('Link to the HTML page; it needs no API key and is valid for 7 days'),
  })
  .meta({ id: 'DigestSummary' });

const digestSchema = digestSummarySchema
  .extend({ statistics: z.unknown(), snapshot: z.unknown().describe('All that the page shows') })
  .meta({ id: 'Digest' });

// As long as the week that follows the digest's own.
const linkSeconds = 7 * 86_400;

function view(digest: DigestSummary, links: SignedLinks, tenantId: string): z.input<typeof digestSummarySchema> {
  return {
    id: digest.id,
    user_id: digest.userId,
    period_start: digest.periodStart,
    period_end: digest.periodEnd,
    time_zone: digest.timeZone,
    trades: digest.trades,
    generated_at: digest.generatedAt.toISOString(),
    page: links.sign(`/v1/digests/${digest.id}/page`, tenantId, linkSeconds),
  };
}

const missing = (id: string) => new Problem('not_found', `There is no digest ${id}`);

@Controller('v1/digests')
@UseInterceptors(FailureInterceptor)
export class DigestsController {
  constructor(
    private readonly jobs: WorkloadJobs,
    private readonly digests: DigestStore,
    private readonly links: SignedLinks,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary: "Write the digest of a user's week, or write it again",
    tag: 'trading',
    scope: 'jobs:write',
    body: digestRequestSchema,
    status: 202,
    headers: idempotencyHeader,
    response: { description: "The job; its result has the digest's id", schema: jobAnswerSchema },
  })
  async create(@Body() body: unknown, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    const asked = parse(digestRequestSchema, body, 'body');
    return this.jobs.submit('trading.generate_digest', asked, 'POST /v1/digests', identity, request);
  }

  @Get()
  @Operation({
    summary: "List a user's digests, newest week first",
    tag: 'trading',
    scope: 'jobs:read',
    query: userPageQuery,
    response: { description: 'A page', schema: z.object({ digests: z.array(digestSummarySchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { user_id: userId, ...page } = parse(userPageQuery, query, 'query');
    const { rows, nextCursor } = await this.digests.page({ tenantId, userId }, page);
    return { digests: rows.map((row) => view(row, this.links, tenantId)), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read the numbers of a digest',
    tag: 'trading',
    scope: 'jobs:read',
    response: { description: 'The digest as it was when it was written', schema: digestSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const found = await this.digests.find(tenantId, parseId(id));
    if (!found) throw missing(id);
    const { statistics } = found.snapshot as DigestSnapshot;
    return { ...view(found, this.links, tenantId), statistics, snapshot: found.snapshot };
  }

  @Get(':id/page')
  @OpenBySignedLink()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', `${digestContentSecurityPolicy}; frame-ancestors 'none'`)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  @Header('cache-control', 'private, no-store')
  @Operation({
    summary: 'Read a digest as a page',
    tag: 'trading',
    scope: 'jobs:read',
    response: { description: 'One HTML document without scripts and outside resources', contentType: 'text/html' },
  })
  async page(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const html = await this.digests.html(tenantId, parseId(id));
    if (html === undefined) throw missing(id);
    return html;
  }
}
