import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { TargetTables, TemplateStore, templateSchema } from '@roundhouse/spreadsheets';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import {
  FailureInterceptor,
  mostInteger,
  nextSchema,
  Operation,
  pageFields,
  parse,
  parseId,
  Problem,
} from '../../platform/http/index.js';
import { storedTemplateSchema, templateView } from './template-view.js';

const tag = 'spreadsheets';
const pageQuery = z.strictObject(pageFields);
const versionQuery = z.strictObject({
  version: z.coerce.number().int().min(1).max(mostInteger).optional().describe('Default: the newest'),
});
const versionsSchema = z.object({
  versions: z.array(z.object({ version: z.number().int(), created_at: z.iso.datetime() })),
});

const missing = (id: string) => new Problem('not_found', `There is no template ${id}`);

/** What sheets shall look like, and where their rows go. */
@Controller('v1/spreadsheets/templates')
@UseInterceptors(FailureInterceptor)
export class SheetTemplatesController {
  constructor(
    private readonly templates: TemplateStore,
    private readonly tables: TargetTables,
  ) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Create a template',
    tag,
    scope: 'jobs:write',
    body: templateSchema,
    status: 201,
    response: { description: 'The template in its first version', schema: storedTemplateSchema },
  })
  async create(@Body() body: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const template = parse(templateSchema, body, 'body');
    await this.tables.check(tenantId, template);
    return templateView(await this.templates.create(tenantId, template));
  }

  @Get()
  @Operation({
    summary: 'List templates, newest first',
    tag,
    scope: 'jobs:read',
    query: pageQuery,
    response: {
      description: 'A page',
      schema: z.object({ templates: z.array(storedTemplateSchema), next: nextSchema }),
    },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { rows, nextCursor } = await this.templates.page(tenantId, parse(pageQuery, query, 'query'));
    return { templates: rows.map(templateView), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a template, in its newest version or another one',
    tag,
    scope: 'jobs:read',
    query: versionQuery,
    response: { description: 'The template', schema: storedTemplateSchema },
  })
  async read(@Param('id') id: string, @Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { version } = parse(versionQuery, query, 'query');
    const found = await this.templates.find(tenantId, parseId(id), version);
    if (!found) throw missing(id);
    return templateView(found);
  }

  @Get(':id/versions')
  @Operation({
    summary: 'List the versions of a template, newest first',
    tag,
    scope: 'jobs:read',
    response: { description: 'All of them', schema: versionsSchema },
  })
  async versions(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const versions = await this.templates.versions(tenantId, parseId(id));
    if (versions.length === 0) throw missing(id);
    return {
      versions: versions.map(({ version, createdAt }) => ({ version, created_at: createdAt.toISOString() })),
    };
  }

  @Put(':id')
  @Operation({
    summary: 'Give a template a new version; imports that have begun keep theirs',
    tag,
    scope: 'jobs:write',
    body: templateSchema,
    response: { description: 'The template in its new version', schema: storedTemplateSchema },
  })
  async replace(@Param('id') id: string, @Body() body: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const template = parse(templateSchema, body, 'body');
    await this.tables.check(tenantId, template);
    const found = await this.templates.replace(tenantId, parseId(id), template);
    if (!found) throw missing(id);
    return templateView(found);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Remove a template; imports that have begun keep it, and records stay',
    tag,
    scope: 'jobs:write',
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity): Promise<void> {
    if (!(await this.templates.remove(tenantId, parseId(id)))) throw missing(id);
  }
}
