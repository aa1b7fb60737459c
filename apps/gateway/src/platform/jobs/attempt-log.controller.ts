import { Controller, Get, Param, Query } from '@nestjs/common';
import { readAttemptLog, type ApiKeyIdentity } from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Identity } from '../access/index.js';
import { Operation, parse, parseId, Problem } from '../http/index.js';

const querySchema = z.strictObject({
  attempt: z.coerce.number().int().min(1).max(2_147_483_647).describe('@default the last one').optional(),
  after: z.coerce
    .number()
    .int()
    .min(-1)
    .max(2_147_483_647)
    .describe('`next` of an earlier answer: of what the attempt says only what came since')
    .default(-1),
});

const attemptLogSchema = z
  .object({
    attempt: z.number().int().describe('0: there was none yet'),
    lines: z
      .array(
        z.object({
          at: z.iso.datetime().describe("By the worker's clock, or the ledger's"),
          level: z.enum(['debug', 'info', 'warn', 'error']),
          source: z.enum(['attempt', 'ledger']).describe('Said by the attempt, or of it by the ledger'),
          message: z.string(),
          fields: z.record(z.string(), z.unknown()).nullable().describe('Secrets as "[redacted]"'),
        }),
      )
      .describe('Oldest first; what the ledger says comes with every answer'),
    left_out: z.number().int().describe('Lines that are not kept because the attempt had too many'),
    next: z.number().int().describe('For `after`'),
  })
  .meta({ id: 'AttemptLog' });

@Controller('v1/jobs')
export class AttemptLogController {
  constructor(private readonly dataSource: DataSource) {}

  @Get(':id/logs')
  @Operation({
    summary: 'Read what an attempt of a job has logged',
    tag: 'jobs',
    scope: 'logs:read',
    query: querySchema,
    response: { description: 'Up to 1000 lines of the attempt', schema: attemptLogSchema },
  })
  async read(
    @Param('id') rawId: string,
    @Query() query: unknown,
    @Identity() { tenantId }: ApiKeyIdentity,
  ): Promise<z.input<typeof attemptLogSchema>> {
    const id = parseId(rawId);
    const log = await readAttemptLog(this.dataSource, tenantId, id, parse(querySchema, query, 'query'));
    if (!log) throw new Problem('not_found', `There is no job ${id}`);
    return {
      attempt: log.attempt,
      lines: log.lines.map(({ at, level, source, message, fields = null }) => ({
        at: at.toISOString(),
        level,
        source,
        message,
        fields,
      })),
      left_out: log.leftOut,
      next: log.part,
    };
  }
}
