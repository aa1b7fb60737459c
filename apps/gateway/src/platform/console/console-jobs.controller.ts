import { Controller, Get, Query } from '@nestjs/common';
import { countCap, JobSearch, type ApiKeyIdentity } from '@roundhouse/ledger';
import { z } from 'zod';
import { Identity } from '../access/index.js';
import { Operation, parse } from '../http/index.js';
import { jobSummary, jobSummarySchema } from '../jobs/index.js';
import { filterOf, jobCountQuerySchema, jobLookQuerySchema, needPayloads, tenantOf } from './console-job-requests.js';
import { payloadMatch } from './payload-match.js';

const lookSchema = z
  .object({
    jobs: z.array(jobSummarySchema),
    next: z.string().nullable().describe('Pass it as `cursor` to look further back; null at the end'),
    looked: z
      .number()
      .int()
      .describe('Jobs that this answer went through at most: a page may be short and not the last'),
  })
  .meta({ id: 'JobLook' });

const countSchema = z
  .object({
    count: z.number().int(),
    exact: z.boolean().describe('False: at least so many'),
    cap: z.number().int().describe('Nothing is counted beyond this, nor among older jobs than so many'),
  })
  .meta({ id: 'JobCount' });

@Controller('v1/console/jobs')
export class ConsoleJobsController {
  constructor(private readonly search: JobSearch) {}

  @Get()
  @Operation({
    summary: 'Look for jobs, newest first, in bounded steps',
    tag: 'console',
    scope: 'jobs:view',
    query: jobLookQuerySchema,
    response: { description: 'What was found in the step', schema: lookSchema },
  })
  async look(@Query() query: unknown, @Identity() identity: ApiKeyIdentity): Promise<z.input<typeof lookSchema>> {
    const { cursor, limit, input, tenant, ...asked } = parse(jobLookQuerySchema, query, 'query');
    const tenantId = tenantOf(identity, tenant);
    if (input) needPayloads(identity);
    const filter = filterOf(asked);
    const look = input
      ? await this.search.lookIntoPayloads(tenantId, filter, payloadMatch(input), cursor, limit)
      : await this.search.look(tenantId, filter, cursor, limit);
    return { jobs: look.jobs.map(jobSummary), next: look.next ?? null, looked: look.looked };
  }

  @Get('count')
  @Operation({
    summary: 'Count jobs, up to a cap',
    tag: 'console',
    scope: 'jobs:view',
    query: jobCountQuerySchema,
    response: { description: 'How many', schema: countSchema },
  })
  async count(@Query() query: unknown, @Identity() identity: ApiKeyIdentity): Promise<z.input<typeof countSchema>> {
    const { tenant, ...asked } = parse(jobCountQuerySchema, query, 'query');
    return { ...(await this.search.count(tenantOf(identity, tenant), filterOf(asked))), cap: countCap };
  }
}
