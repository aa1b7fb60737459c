import { Controller, Delete, Get, HttpCode, Param, Query, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { targetNameSchema, TargetStore } from '@roundhouse/spreadsheets';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { FailureInterceptor, Operation, parse, Problem } from '../../platform/http/index.js';

const tag = 'spreadsheets';
const targetsSchema = z.object({
  targets: z.array(
    z.object({
      name: z.string(),
      table: z.string().describe('Schema and name of its table in PostgreSQL'),
      records: z.number().int().describe('Counted up to a million'),
      created_at: z.iso.datetime(),
    }),
  ),
});
const recordsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  after: z.string().max(600).optional().describe('`next` of an earlier page'),
});
const recordsSchema = z.object({
  records: z.array(
    z.object({
      key: z.string(),
      values: z.record(z.string(), z.unknown()),
      import_id: z.uuid(),
      source_row: z.number().int(),
      created_at: z.iso.datetime(),
      updated_at: z.iso.datetime(),
    }),
  ),
  next: z.string().nullable().describe('Pass it as `after` for the next page'),
});

const isTargetName = (name: string) => targetNameSchema.safeParse(name).success;
const missing = (name: string) => new Problem('not_found', `There is no target ${name.slice(0, 63)}`);

/** What has been imported. */
@Controller('v1/spreadsheets/targets')
@UseInterceptors(FailureInterceptor)
export class SheetTargetsController {
  constructor(private readonly targets: TargetStore) {}

  @Get()
  @Operation({
    summary: 'List import targets',
    tag,
    scope: 'jobs:read',
    response: { description: 'By name', schema: targetsSchema },
  })
  async list(@Identity() { tenantId }: ApiKeyIdentity) {
    const targets = await this.targets.list(tenantId);
    return {
      targets: targets.map(({ createdAt, ...target }) => ({ ...target, created_at: createdAt.toISOString() })),
    };
  }

  @Get(':name/records')
  @Operation({
    summary: 'List the records of a target by key',
    tag,
    scope: 'jobs:read',
    query: recordsQuery,
    response: { description: 'A page', schema: recordsSchema },
  })
  async records(@Param('name') name: string, @Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { limit, after } = parse(recordsQuery, query, 'query');
    const found = isTargetName(name) ? await this.targets.records(tenantId, name, limit, after) : undefined;
    if (!found) throw missing(name);
    const records = found.map(({ key, data, importId, sourceRow, createdAt, updatedAt }) => ({
      key,
      values: data,
      import_id: importId,
      source_row: sourceRow,
      created_at: createdAt.toISOString(),
      updated_at: updatedAt.toISOString(),
    }));
    return { records, next: found.length === limit ? (found.at(-1)?.key ?? null) : null };
  }

  @Delete(':name')
  @HttpCode(204)
  @Operation({
    summary: 'Remove a target, its table and all its records; refused while something is imported into it',
    tag,
    scope: 'jobs:write',
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('name') name: string, @Identity() { tenantId }: ApiKeyIdentity): Promise<void> {
    if (!isTargetName(name) || !(await this.targets.remove(tenantId, name))) throw missing(name);
  }
}
