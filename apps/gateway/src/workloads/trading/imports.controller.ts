import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { ConnectionStore, ImportStore, type ImportState } from '@roundhouse/trading';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { FailureInterceptor, nextSchema, Operation, parse, parseId, Problem } from '../../platform/http/index.js';
import {
  connectionImportSchema,
  fileFieldsSchema,
  fileFormSchema,
  filePayload,
  windowJson,
} from './import-requests.js';
import { idempotencyHeader } from '../../platform/submission/index.js';
import { uploadAnswerSchema, WorkloadJobs } from '../../platform/workload/index.js';
import { TradingSchedules } from './trading-schedules.js';
import { TradeUpload } from './trade-upload.js';
import { userPageQuery } from './trading-fields.js';

const shownRowErrors = 1000;
const route = 'POST /v1/trades/imports';

const importSchema = z
  .object({
    id: z.uuid().describe("The job's id"),
    user_id: z.string(),
    fetched: z.number().int(),
    stored: z.number().int().describe('New ones; the rest but the failed ones was known'),
    failed: z.number().int(),
    first_trade_at: z.iso.datetime().nullable(),
    last_trade_at: z.iso.datetime().nullable(),
    started_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
    row_errors: z
      .array(z.object({ row: z.number().int(), column: z.string(), value: z.string(), message: z.string() }))
      .describe(`The first ${shownRowErrors}; in lists none`),
  })
  .meta({ id: 'Import' });

function view(state: ImportState, rowErrors: z.input<typeof importSchema>['row_errors']): z.input<typeof importSchema> {
  return {
    id: state.id,
    user_id: state.userId,
    fetched: state.fetched,
    stored: state.stored,
    failed: state.failed,
    first_trade_at: state.firstTradeAt?.toISOString() ?? null,
    last_trade_at: state.lastTradeAt?.toISOString() ?? null,
    started_at: state.startedAt.toISOString(),
    finished_at: state.finishedAt?.toISOString() ?? null,
    row_errors: rowErrors,
  };
}

@Controller('v1/trades/imports')
@UseInterceptors(FailureInterceptor)
export class ImportsController {
  constructor(
    private readonly jobs: WorkloadJobs,
    private readonly upload: TradeUpload,
    private readonly connections: ConnectionStore,
    private readonly imports: ImportStore,
    private readonly schedules: TradingSchedules,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary: 'Import trades from a file (multipart/form-data) or from a broker connection (application/json)',
    tag: 'trading',
    scope: 'jobs:write',
    body: connectionImportSchema,
    otherBodies: { 'multipart/form-data': fileFormSchema },
    status: 202,
    headers: idempotencyHeader,
    response: { description: 'The job; its id is the id of the import, too', schema: uploadAnswerSchema },
  })
  async create(@Body() body: unknown, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    return request.isMultipart() ? this.fromFile(identity, request) : this.fromConnection(body, identity, request);
  }

  @Get()
  @Operation({
    summary: "List a user's imports, newest first",
    tag: 'trading',
    scope: 'jobs:read',
    query: userPageQuery,
    response: { description: 'A page', schema: z.object({ imports: z.array(importSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { user_id: userId, ...page } = parse(userPageQuery, query, 'query');
    const { rows, nextCursor } = await this.imports.page({ tenantId, userId }, page);
    // Bad rows are read with the import itself.
    return { imports: rows.map((row) => view(row, [])), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read what an import has brought so far, with its bad rows',
    tag: 'trading',
    scope: 'jobs:read',
    response: { description: 'The import', schema: importSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const state = await this.imports.find(tenantId, parseId(id));
    if (!state) throw new Problem('not_found', `There is no import ${id}`);
    const errors = await this.imports.rowErrors(tenantId, state.id, shownRowErrors);
    return view(
      state,
      errors.map(({ row, column, value, message }) => ({ row, column, value, message })),
    );
  }

  private async fromFile(identity: ApiKeyIdentity, request: FastifyRequest) {
    return this.upload.receive(request, async ({ fields, file }) => {
      const form = parse(fileFieldsSchema, fields, 'body');
      if (!file) {
        const errors = [{ path: 'file', message: 'is missing' }];
        throw new Problem('invalid_request', 'The form has no file', { errors });
      }
      const owner = { tenantId: identity.tenantId, userId: form.user_id };
      const kept = await this.upload.keep(owner, file);
      await this.schedules.weeklyDigest(owner);
      return this.jobs.submitShared('trading.import_trades', filePayload(form, kept), route, identity, request);
    });
  }

  private async fromConnection(body: unknown, identity: ApiKeyIdentity, request: FastifyRequest) {
    const { user_id, connection_id, ...window } = parse(connectionImportSchema, body, 'body');
    const connection = await this.connections.find(identity.tenantId, connection_id);
    if (connection?.userId !== user_id) {
      throw new Problem('not_found', `The user has no connection ${connection_id}`);
    }
    const payload = { user_id, connection_id, ...windowJson(window) };
    return this.jobs.submitShared('trading.import_trades', payload, route, identity, request);
  }
}
