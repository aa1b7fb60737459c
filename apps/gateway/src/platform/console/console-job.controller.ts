import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import {
  inTransaction,
  JobReader,
  readJobLinks,
  writeAudit,
  type ApiKeyIdentity,
  type JobDetail,
} from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { actorOf, Identity } from '../access/index.js';
import { Operation, parseId, Problem } from '../http/index.js';
import { jobSummary, jobSummarySchema, jobView } from '../jobs/index.js';

const linkSchema = z.object({ id: z.uuid(), ref: z.string(), kind: z.string(), state: z.string() });

const consoleJobSchema = jobSummarySchema
  .extend({
    title: z.string().nullable().describe('Of its kind; null: it has none, or is not in the contract'),
    worker_id: z.string().nullable(),
    follow_ups: z.array(z.uuid()),
    rerun_of: z.uuid().nullable(),
    reruns: z.array(z.uuid()),
    batch: z.object({ id: z.uuid(), name: z.string(), workflow: z.boolean(), ref: z.string().nullable() }).nullable(),
    dependencies: z.array(linkSchema.extend({ met: z.boolean() })),
    dependents: z.array(linkSchema),
  })
  .meta({ id: 'ConsoleJob' });

const revealedSchema = z
  .object({
    payload: z.unknown().describe('Sensitive fields as "[redacted]"; null when its bytes cannot be read'),
    result: z.unknown(),
  })
  .meta({ id: 'RevealedJob' });

/** A job as its page shows it: without payload and result, which are revealed by a request of their own. */
@Controller('v1/console/jobs/:id')
export class ConsoleJobController {
  constructor(
    private readonly reader: JobReader,
    private readonly dataSource: DataSource,
  ) {}

  @Get()
  @Operation({
    summary: 'Read what the page of a job shows',
    tag: 'console',
    scope: 'jobs:view',
    response: { description: 'The job, without payload and result', schema: consoleJobSchema },
  })
  async read(
    @Param('id') id: string,
    @Identity() { tenantId }: ApiKeyIdentity,
  ): Promise<z.input<typeof consoleJobSchema>> {
    const job = await this.find(tenantId, id);
    const { batch, dependencies, dependents } = await readJobLinks(this.dataSource, tenantId, job.id);
    return {
      ...jobSummary(job),
      title: catalogue.kind(job.kind)?.title || null,
      worker_id: job.workerId,
      follow_ups: job.followUpIds,
      rerun_of: job.rerunOf,
      reruns: job.rerunIds,
      batch: batch ?? null,
      dependencies,
      dependents,
    };
  }

  @Post('reveal')
  @HttpCode(200)
  @Operation({
    summary: 'Reveal payload and result of a job; the audit log says who did',
    tag: 'console',
    scope: 'payloads:read',
    response: { description: 'Payload and result as JSON', schema: revealedSchema },
  })
  async reveal(@Param('id') id: string, @Identity() identity: ApiKeyIdentity): Promise<z.input<typeof revealedSchema>> {
    const { tenantId } = identity;
    const job = await this.find(tenantId, id);
    const entry = { tenantId, actor: actorOf(identity), action: 'job.reveal', subject: job.id };
    // Written first: nobody sees what is not written down.
    await inTransaction(this.dataSource, (tx) => writeAudit(tx, entry));
    const { payload, result } = jobView(job);
    return { payload, result };
  }

  private async find(tenantId: string, id: string): Promise<JobDetail> {
    const job = await this.reader.get(tenantId, parseId(id));
    if (!job) throw new Problem('not_found', `There is no job ${id}`);
    return job;
  }
}
