import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { ExportStore, type ExportState } from '@roundhouse/spreadsheets';
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
import { exportPayload, exportRequestSchema } from './export-requests.js';
import { sendFile } from './file-answer.js';
import { openStatus, runStatuses } from './run-status.js';
import { SheetRuns } from './sheet-runs.js';
import { spreadsheetSettings } from './sheet-upload.js';
import type { SpreadsheetConfig } from './spreadsheet-config.js';

const tag = 'spreadsheets';
const pageQuery = z.strictObject(pageFields);
const route = 'POST /v1/spreadsheets/exports';

const exportSchema = z
  .object({
    id: z.uuid().describe("The job's id"),
    status: z.enum(runStatuses),
    message: z.string(),
    format: z.enum(['xlsx', 'csv', 'ndjson']),
    name: z.string(),
    rows: z.number().int(),
    bytes: z.number().int(),
    download: z.string().nullable().describe('Link to the file; it needs no API key and ends with the file'),
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'SheetExport' });

const missing = (id: string) => new Problem('not_found', `There is no export ${id}, or it has expired`);

/** Files of imported records. */
@Controller('v1/spreadsheets/exports')
@UseInterceptors(FailureInterceptor)
export class SheetExportsController {
  constructor(
    private readonly jobs: WorkloadJobs,
    private readonly exports: ExportStore,
    private readonly runs: SheetRuns,
    @StoredFiles() private readonly storage: FileStorage,
    @Inject(spreadsheetSettings) private readonly config: SpreadsheetConfig,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary: 'Write the records of a target, or of a stored query, into a file',
    tag,
    scope: 'jobs:write',
    body: exportRequestSchema,
    status: 202,
    headers: idempotencyHeader,
    response: { description: "The job; its id is the export's", schema: uploadAnswerSchema },
  })
  async create(@Body() body: unknown, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    const asked = parse(exportRequestSchema, body, 'body');
    const answer = await this.jobs.submitShared('spreadsheets.export', exportPayload(asked), route, identity, request);
    const name = `${asked.name ?? asked.target ?? 'export'}.${asked.format}`;
    const { spreadsheetRetention: keepMs } = this.config;
    await this.exports.create(identity.tenantId, { id: answer.job_id, format: asked.format, name }, keepMs);
    return answer;
  }

  @Get()
  @Operation({
    summary: 'List exports, newest first',
    tag,
    scope: 'jobs:read',
    query: pageQuery,
    response: { description: 'A page', schema: z.object({ exports: z.array(exportSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const page = await this.exports.page(tenantId, parse(pageQuery, query, 'query'));
    const { views, next } = await this.runs.list(page, (row) => this.view(tenantId, row));
    return { exports: views, next };
  }

  @Get(':id')
  @Operation({
    summary: 'Read an export, with the link to its file when that is ready',
    tag,
    scope: 'jobs:read',
    response: { description: 'The export', schema: exportSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return this.view(tenantId, await this.find(tenantId, id));
  }

  @Get(':id/file')
  @OpenBySignedLink()
  @Operation({
    summary: 'Download the file of an export',
    tag,
    scope: 'jobs:read',
    response: { description: 'The file', contentType: '*/*' },
  })
  async file(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity, @Res() reply: FastifyReply) {
    const { storageKey, name } = await this.find(tenantId, id);
    if (!storageKey) throw new Problem('conflict', 'The file is not ready yet');
    await sendFile(reply, this.storage, storageKey, name);
  }

  private async find(tenantId: string, id: string): Promise<ExportState> {
    const found = await this.exports.find(tenantId, parseId(id));
    if (!found) throw missing(id);
    return found;
  }

  private async view(tenantId: string, run: ExportState): Promise<z.input<typeof exportSchema>> {
    const job = await this.runs.jobSide(tenantId, run);
    const status = openStatus(run.status, job);
    const { id, format, name, rows, bytes, storageKey } = run;
    return {
      id,
      status,
      message: status === run.status && run.message ? run.message : (job?.message ?? ''),
      format,
      name,
      rows,
      bytes,
      download: this.runs.fileLink(`/v1/spreadsheets/exports/${id}/file`, tenantId, run, storageKey),
      created_at: run.createdAt.toISOString(),
      finished_at: run.finishedAt?.toISOString() ?? null,
      expires_at: run.expiresAt.toISOString(),
    };
  }
}
