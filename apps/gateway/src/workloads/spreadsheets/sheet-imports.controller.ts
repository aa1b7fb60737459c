import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { SheetImportStore, SheetUploadStore, TemplateStore, type ImportState } from '@roundhouse/spreadsheets';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identity, OpenBySignedLink } from '../../platform/access/index.js';
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
import { idempotencyHeader } from '../../platform/submission/index.js';
import { uploadAnswerSchema, WorkloadJobs } from '../../platform/workload/index.js';
import { sendFile } from './file-answer.js';
import { sheetImportErrorSchema, sheetImportSchema, sheetImportView } from './sheet-import-view.js';
import { importPayload, importRequestSchema } from './sheet-requests.js';
import { SheetRuns } from './sheet-runs.js';
import { spreadsheetSettings } from './sheet-upload.js';
import type { SpreadsheetConfig } from './spreadsheet-config.js';

const tag = 'spreadsheets';
const pageQuery = z.strictObject(pageFields);
const errorsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'must be the `next` of an earlier page')
    .optional(),
});

const missing = (id: string) => new Problem('not_found', `There is no import ${id}, or it has expired`);

/** Imports of uploaded sheets. */
@Controller('v1/spreadsheets/imports')
@UseInterceptors(FailureInterceptor)
export class SheetImportsController {
  constructor(
    private readonly jobs: WorkloadJobs,
    private readonly imports: SheetImportStore,
    private readonly uploads: SheetUploadStore,
    private readonly templates: TemplateStore,
    private readonly runs: SheetRuns,
    @StoredFiles() private readonly storage: FileStorage,
    @Inject(spreadsheetSettings) private readonly config: SpreadsheetConfig,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary: 'Import a sheet of an upload by a template',
    tag,
    scope: 'jobs:write',
    body: importRequestSchema,
    status: 202,
    headers: idempotencyHeader,
    response: { description: "The job; its id is the import's", schema: uploadAnswerSchema },
  })
  async create(@Body() body: unknown, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    const asked = parse(importRequestSchema, body, 'body');
    const { tenantId } = identity;
    const upload = await this.uploads.find(tenantId, asked.upload_id);
    if (!upload) throw new Problem('not_found', `There is no upload ${asked.upload_id}, or it has expired`);
    const found = await this.templates.find(tenantId, asked.template_id, asked.template_version);
    if (!found) throw new Problem('not_found', `There is no template ${asked.template_id}`);
    const payload = importPayload(asked, found.version);
    const answer = await this.jobs.submitShared(
      'spreadsheets.import',
      payload,
      'POST /v1/spreadsheets/imports',
      identity,
      request,
    );
    const run = {
      id: answer.job_id,
      uploadId: upload.id,
      templateId: found.id,
      templateVersion: found.version,
      target: found.template.target,
      fileName: upload.name,
      dryRun: asked.dry_run,
      mode: asked.mode,
      corrects: asked.corrects,
    };
    await this.imports.create(tenantId, run, this.config.spreadsheetRetention);
    return answer;
  }

  @Get()
  @Operation({
    summary: 'List imports, newest first',
    tag,
    scope: 'jobs:read',
    query: pageQuery,
    response: { description: 'A page', schema: z.object({ imports: z.array(sheetImportSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const page = await this.imports.page(tenantId, parse(pageQuery, query, 'query'));
    const { views, next } = await this.runs.list(page, (row) => this.view(tenantId, row));
    return { imports: views, next };
  }

  @Get(':id')
  @Operation({
    summary: 'Read how far an import is, and what it has brought',
    tag,
    scope: 'jobs:read',
    response: { description: 'The import', schema: sheetImportSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return this.view(tenantId, await this.find(tenantId, id));
  }

  @Get(':id/errors')
  @Operation({
    summary: 'List what is wrong with the rows that an import could not take, in the order of the sheet',
    tag,
    scope: 'jobs:read',
    query: errorsQuery,
    response: {
      description: 'A page',
      schema: z.object({
        errors: z.array(sheetImportErrorSchema),
        next: z.string().nullable().describe('Pass it as `after` for the next page'),
      }),
    },
  })
  async errors(@Param('id') id: string, @Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { limit, after } = parse(errorsQuery, query, 'query');
    const run = await this.find(tenantId, id);
    const found = await this.imports.rowErrors(run.id, limit, after);
    const errors = found.map(({ id: _, ...error }) => error);
    return { errors, next: found.length === limit ? (found.at(-1)?.id ?? null) : null };
  }

  @Get(':id/failed-rows')
  @OpenBySignedLink()
  @Operation({
    summary: 'Download only the rows that failed, each with what is wrong; corrected, the file can be imported again',
    tag,
    scope: 'jobs:read',
    response: {
      description: 'An .xlsx file with the columns of the sheet and two more',
      contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    },
  })
  async failedRows(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity, @Res() reply: FastifyReply) {
    const { failedFile, fileName } = await this.find(tenantId, id);
    if (!failedFile) throw new Problem('not_found', `Import ${id} has no file of failed rows`);
    await sendFile(reply, this.storage, failedFile, `failed-${fileName.replace(/\.[^.]*$/, '')}.xlsx`);
  }

  private async find(tenantId: string, id: string): Promise<ImportState> {
    const found = await this.imports.find(tenantId, parseId(id));
    if (!found) throw missing(id);
    return found;
  }

  private async view(tenantId: string, run: ImportState) {
    const path = `/v1/spreadsheets/imports/${run.id}/failed-rows`;
    const link = this.runs.fileLink(path, tenantId, run, run.failedFile);
    return sheetImportView(run, await this.runs.jobSide(tenantId, run), link);
  }
}
