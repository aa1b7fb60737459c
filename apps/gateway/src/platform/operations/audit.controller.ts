import { Controller, Get, Query } from '@nestjs/common';
import { readAudit, type ApiKeyIdentity } from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Identity } from '../access/index.js';
import { Operation, pageFields, parse } from '../http/index.js';

const querySchema = z.strictObject({
  action: z.string().max(100).optional(),
  subject: z.string().max(100).optional(),
  limit: pageFields.limit,
  cursor: z
    .string()
    .regex(/^\d{1,18}$/, 'is not one this list has given out')
    .optional(),
});

const entrySchema = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z.string().describe('Name and id of the API key'),
    action: z.string().describe('job.redrive, job.edit_and_redrive, job.cancel, redrive.create, dead.discard, …'),
    subject: z.string().describe('Id of what it was done to'),
    detail: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'AuditEntry' });

@Controller('v1/audit')
export class AuditController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @Operation({
    summary: 'List what was done by hand, newest first',
    tag: 'audit',
    scope: 'admin',
    query: querySchema,
    response: {
      description: 'A page; pass `next` as `cursor` for the next one',
      schema: z.object({ entries: z.array(entrySchema), next: z.string().nullable() }),
    },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { limit, cursor, ...filter } = parse(querySchema, query, 'query');
    const { entries, next } = await readAudit(this.dataSource, tenantId, filter, cursor, limit);
    return { entries: entries.map((entry) => ({ ...entry, at: entry.at.toISOString() })), next: next ?? null };
  }
}
