import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { readRedrives, readSkippedJobs, type ApiKeyIdentity, type StoredRedrive } from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity } from '../access/index.js';
import { idSchema, Operation, pageFields, parse, parseId, Problem } from '../http/index.js';

const count = z.number().int();
const redriveSchema = z
  .object({
    id: z.uuid(),
    state: z.enum(['running', 'stopped', 'finished']),
    filter: z.record(z.string(), z.unknown()),
    canary: z.boolean(),
    per_second: z.number().nullable(),
    stage: count.describe('Of a canary: 1 (one job), 2 (ten) or 3 (all); otherwise 0'),
    counts: z.object({
      matched: count,
      sent: count,
      pending: count.describe('Not sent; left alone once the redrive is over'),
      open: count.describe('Sent and not over'),
      succeeded: count,
      dead: count,
      recurred: count.describe('Died again of the same'),
      cancelled: count,
      skipped: count.describe('Could not be sent, or were no longer dead'),
    }),
    stop_reason: z.string().nullable(),
    created_by: z.string(),
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Redrive' });

const detailSchema = redriveSchema.extend({
  skipped_jobs: z.array(z.object({ job_id: z.uuid(), reason: z.string() })).describe('At most 100'),
});

const pageSchema = z.strictObject({ limit: pageFields.limit, cursor: idSchema.optional() });
const skippedShown = 100;

function view(redrive: StoredRedrive): z.input<typeof redriveSchema> {
  const { matched, sent, pending, open, succeeded, dead, recurred, cancelled, skipped, ...rest } = redrive;
  return {
    ...rest,
    counts: { matched, sent, pending, open, succeeded, dead, recurred, cancelled, skipped },
    created_at: redrive.created_at.toISOString(),
    finished_at: redrive.finished_at?.toISOString() ?? null,
  };
}

@Controller('v1/redrives')
export class RedrivesController {
  constructor(
    private readonly engine: LedgerEngine,
    private readonly dataSource: DataSource,
  ) {}

  @Get()
  @Operation({
    summary: 'List redrives, newest first',
    tag: 'dead letters',
    scope: 'jobs:view',
    query: pageSchema,
    response: {
      description: 'A page; pass `next` as `cursor` for the next one',
      schema: z.object({ redrives: z.array(redriveSchema), next: z.string().nullable() }),
    },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { limit, cursor: before } = parse(pageSchema, query, 'query');
    const { redrives, next } = await readRedrives(this.dataSource, tenantId, { before, limit });
    return { redrives: redrives.map(view), next: next ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a redrive: how far it is and how its jobs ended',
    tag: 'dead letters',
    scope: 'jobs:view',
    response: { description: 'The redrive', schema: detailSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const redrive = await this.find(tenantId, id);
    return { ...view(redrive), skipped_jobs: await readSkippedJobs(this.dataSource, redrive.id, skippedShown) };
  }

  @Post(':id/stop')
  @HttpCode(200)
  @Operation({
    summary: 'Stop a redrive; what has been sent goes its way',
    tag: 'dead letters',
    scope: 'dead:redrive',
    response: { description: 'The redrive', schema: redriveSchema },
  })
  async stop(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    const { tenantId } = identity;
    const stopped = await this.engine.redrives.stop(tenantId, parseId(id), actorOf(identity));
    const redrive = await this.find(tenantId, id);
    if (!stopped) throw new Problem('conflict', `The redrive is ${redrive.state}: there is nothing to stop`);
    return view(redrive);
  }

  private async find(tenantId: string, rawId: string): Promise<StoredRedrive> {
    const { redrives } = await readRedrives(this.dataSource, tenantId, { id: parseId(rawId), limit: 1 });
    if (!redrives[0]) throw new Problem('not_found', `There is no redrive ${rawId}`);
    return redrives[0];
  }
}
