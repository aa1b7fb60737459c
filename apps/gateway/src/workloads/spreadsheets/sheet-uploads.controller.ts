import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { SheetUploadStore, TemplateStore, type StoredUpload } from '@roundhouse/spreadsheets';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyRequest } from 'fastify';
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
import { StoredFiles } from '../../platform/files/index.js';
import { SheetReader } from './sheet-reader.js';
import { previewRequestSchema } from './sheet-requests.js';
import { SheetUpload } from './sheet-upload.js';
import { previewSchema, previewView, uploadSchema, uploadView } from './sheet-upload-view.js';

const tag = 'spreadsheets';
const pageQuery = z.strictObject(pageFields);
const formSchema = z.strictObject({ file: z.string().meta({ format: 'binary' }) }).meta({ id: 'SheetUploadForm' });

const missing = (id: string) => new Problem('not_found', `There is no upload ${id}, or it has expired`);

/** Files that wait to be imported. */
@Controller('v1/spreadsheets/uploads')
@UseInterceptors(FailureInterceptor)
export class SheetUploadsController {
  constructor(
    private readonly upload: SheetUpload,
    private readonly uploads: SheetUploadStore,
    private readonly templates: TemplateStore,
    private readonly reader: SheetReader,
    @StoredFiles() private readonly storage: FileStorage,
  ) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Upload an .xlsx, .xls or .csv file; one that cannot be read is refused with the reason',
    tag,
    scope: 'jobs:write',
    consumes: 'multipart/form-data',
    body: formSchema,
    status: 201,
    response: { description: 'The file and its sheets', schema: uploadSchema },
  })
  async create(@Req() request: FastifyRequest, @Identity() { tenantId }: ApiKeyIdentity) {
    return uploadView(await this.upload.receive(request, tenantId));
  }

  @Get()
  @Operation({
    summary: 'List uploads, newest first',
    tag,
    scope: 'jobs:read',
    query: pageQuery,
    response: { description: 'A page', schema: z.object({ uploads: z.array(uploadSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { rows, nextCursor } = await this.uploads.page(tenantId, parse(pageQuery, query, 'query'));
    return { uploads: rows.map(uploadView), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read what an upload holds',
    tag,
    scope: 'jobs:read',
    response: { description: 'The file and its sheets', schema: uploadSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return uploadView(await this.find(tenantId, id));
  }

  @Post(':id/preview')
  @HttpCode(200)
  @Operation({
    summary: 'See the first rows of a sheet, its header found, its columns mapped and its values checked by a template',
    tag,
    scope: 'jobs:read',
    body: previewRequestSchema,
    response: { description: 'The first 20 rows', schema: previewSchema },
  })
  async preview(@Param('id') id: string, @Body() body: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const asked = parse(previewRequestSchema, body, 'body');
    const { facts, storageKey } = await this.find(tenantId, id);
    const { template_id: templateId, template_version: version, header_row: headerRow, sheet, mapping } = asked;
    const found = templateId === undefined ? undefined : await this.templates.find(tenantId, templateId, version);
    if (templateId !== undefined && !found) throw new Problem('not_found', `There is no template ${templateId}`);
    const choice = { facts, sheet, headerRow, mapping };
    const preview = await this.reader.preview(storageKey, choice, found?.template).catch(async (error: unknown) => {
      await this.find(tenantId, id); // it may have been removed meanwhile
      throw error;
    });
    return previewView(preview);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Remove an upload; imports of it that have not ended fail',
    tag,
    scope: 'jobs:write',
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity): Promise<void> {
    const removed = await this.uploads.remove(tenantId, parseId(id));
    if (!removed) throw missing(id);
    await this.storage.delete(removed.storageKey);
  }

  private async find(tenantId: string, id: string): Promise<StoredUpload> {
    const found = await this.uploads.find(tenantId, parseId(id));
    if (!found) throw missing(id);
    return found;
  }
}
