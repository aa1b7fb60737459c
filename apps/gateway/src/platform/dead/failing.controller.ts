import { Controller, Get, Query } from '@nestjs/common';
import { failingCap, failingGroups, type ApiKeyIdentity, type FailingGroup } from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Identity } from '../access/index.js';
import { Operation, parse } from '../http/index.js';
import { failingQuerySchema } from './dead-requests.js';

const time = z.iso.datetime();

const failingSchema = z
  .object({
    fingerprint: z.string().nullable().describe('Of the latest failure; the same as when the jobs die of it'),
    kind: z.string(),
    contract_version: z.number().int(),
    code: z.string().nullable(),
    queues: z.array(z.string()),
    count: z.number().int(),
    since: time.describe('When the first of the hundred eldest jobs first failed'),
    next_try: time.describe('Of the job whose turn comes first'),
    most_failures: z.number().int().describe('Failed attempts of the job that has most'),
    sample_job_id: z.uuid(),
    sample_message: z.string().nullable(),
  })
  .meta({ id: 'FailingGroup' });

const failingView = (group: FailingGroup): z.input<typeof failingSchema> => {
  const { version: contract_version, since, next_try, ...facts } = group;
  return { ...facts, contract_version, since: since.toISOString(), next_try: next_try.toISOString() };
};

/** Jobs that fail and are not dead yet, by the cause of their latest failure. */
@Controller('v1/failing')
export class FailingController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @Operation({
    summary: 'Group the jobs that failed and wait for their next attempt by cause and contract version, largest first',
    tag: 'dead letters',
    scope: 'jobs:view',
    query: failingQuerySchema,
    response: {
      description: `The groups, among the ${failingCap} jobs that start soonest`,
      schema: z.object({ groups: z.array(failingSchema) }),
    },
  })
  async groups(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { limit, ...filter } = parse(failingQuerySchema, query, 'query');
    return { groups: (await failingGroups(this.dataSource, tenantId, filter, limit)).map(failingView) };
  }
}
