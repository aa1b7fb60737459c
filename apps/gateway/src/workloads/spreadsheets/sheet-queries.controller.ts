import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import {
  conditionOf,
  querySchema,
  QueryStore,
  TargetTables,
  type SheetQuery,
  type StoredQuery,
} from '@roundhouse/spreadsheets';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import {
  FailureInterceptor,
  nextSchema,
  Operation,
  pageFields,
  parse,
  parseId,
  Problem,
} from '../../platform/http/index.js';

const tag = 'spreadsheets';
const pageQuery = z.strictObject(pageFields);
const storedQuerySchema = z
  .object({ id: z.uuid(), ...querySchema.shape, created_at: z.iso.datetime() })
  .meta({ id: 'SheetQuery' });

const view = ({ id, query, createdAt }: StoredQuery) => ({ id, ...query, created_at: createdAt.toISOString() });
const missing = (id: string) => new Problem('not_found', `There is no query ${id}`);

/** What is exported again and again: columns and rows of a target. */
@Controller('v1/spreadsheets/queries')
@UseInterceptors(FailureInterceptor)
export class SheetQueriesController {
  constructor(
    private readonly queries: QueryStore,
    private readonly tables: TargetTables,
  ) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Store a query',
    tag,
    scope: 'jobs:write',
    body: querySchema,
    status: 201,
    response: { description: 'The query', schema: storedQuerySchema },
  })
  async create(@Body() body: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    return view(await this.queries.create(tenantId, await this.checked(tenantId, body)));
  }

  @Get()
  @Operation({
    summary: 'List stored queries, newest first',
    tag,
    scope: 'jobs:read',
    query: pageQuery,
    response: { description: 'A page', schema: z.object({ queries: z.array(storedQuerySchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { rows, nextCursor } = await this.queries.page(tenantId, parse(pageQuery, query, 'query'));
    return { queries: rows.map(view), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a stored query',
    tag,
    scope: 'jobs:read',
    response: { description: 'The query', schema: storedQuerySchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const found = await this.queries.find(tenantId, parseId(id));
    if (!found) throw missing(id);
    return view(found);
  }

  @Put(':id')
  @Operation({
    summary: 'Replace a stored query',
    tag,
    scope: 'jobs:write',
    body: querySchema,
    response: { description: 'The query', schema: storedQuerySchema },
  })
  async replace(@Param('id') id: string, @Body() body: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const found = await this.queries.replace(tenantId, parseId(id), await this.checked(tenantId, body));
    if (!found) throw missing(id);
    return view(found);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Remove a stored query',
    tag,
    scope: 'jobs:write',
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity): Promise<void> {
    if (!(await this.queries.remove(tenantId, parseId(id)))) throw missing(id);
  }

  /** A query of a target that is there already names columns that it has, and values that they can be compared with. */
  private async checked(tenantId: string, body: unknown): Promise<SheetQuery> {
    const query = parse(querySchema, body, 'body');
    const table = await this.tables.find(tenantId, query.target);
    if (table) conditionOf(table, query);
    return query;
  }
}
