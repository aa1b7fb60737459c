import { Controller } from '@nestjs/common';
import type { ImportSpreadsheetRequest, ImportSpreadsheetResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { SheetImportStore, SheetUploadStore, TemplateStore, type ImportState } from '@roundhouse/spreadsheets';
import { BatchStore } from '../spreadsheets/batch-store.js';
import { importOptions, type ImportOptions } from '../spreadsheets/import-options.js';
import { FailedFile, failedFileName } from '../spreadsheets/failed-file.js';
import { ImportRunner, type ImportEnd, type ImportRun } from '../spreadsheets/import-run.js';
import { Retention } from '../spreadsheets/retention.js';
import { summaryOf } from '../spreadsheets/summary.js';
import { TargetRows } from '../spreadsheets/target-rows.js';

/** Imports one sheet of an uploaded file; the rows and how far it is are one transaction. */
@Controller()
export class ImportSpreadsheetHandler {
  constructor(
    private readonly uploads: SheetUploadStore,
    private readonly templates: TemplateStore,
    private readonly imports: SheetImportStore,
    private readonly targets: TargetRows,
    private readonly batches: BatchStore,
    private readonly runner: ImportRunner,
    private readonly failedFile: FailedFile,
    private readonly retention: Retention,
  ) {}

  @JobHandler('spreadsheets.import')
  async handle(request: ImportSpreadsheetRequest, ctx: JobContext): Promise<ImportSpreadsheetResult> {
    const options = importOptions(request);
    let state = await this.begin(request, options, ctx);
    // Ran to its end before, and only the report of it got lost.
    if (state.status === 'completed') return resultOf(state);
    try {
      const run = await this.prepare(request, options, state, ctx);
      const end = await this.runner.run(state, run, ctx);
      ({ state } = end);
      refuseUseless(state);
      if (state.mode === 'all_or_nothing' && !state.dryRun) state = await this.storeAll(end);
      state = await this.withFailedFile(state, ctx.signal);
      ctx.progress(100, summaryOf(state));
      await this.end(state, 'completed', summaryOf(state), ctx);
      return resultOf(state);
    } catch (error) {
      await this.failed(state.id, error, ctx);
      throw error;
    }
  }

  private async begin(
    request: ImportSpreadsheetRequest,
    options: ImportOptions,
    ctx: JobContext,
  ): Promise<ImportState> {
    const known = await this.imports.find(ctx.tenantId, ctx.jobId);
    if (known) return known;
    const upload = await this.uploads.find(ctx.tenantId, request.uploadId);
    if (!upload) {
      throw new JobFailure(
        'NOT_FOUND',
        `There is no upload ${request.uploadId}, or it has expired; upload the file again`,
        {
          field: 'upload_id',
        },
      );
    }
    const found = await this.templates.find(ctx.tenantId, request.templateId, request.templateVersion);
    if (!found)
      throw new JobFailure('NOT_FOUND', `There is no template ${request.templateId}`, { field: 'template_id' });
    const run = {
      id: ctx.jobId,
      uploadId: upload.id,
      templateId: found.id,
      templateVersion: found.version,
      target: found.template.target,
      fileName: upload.name,
      dryRun: options.dryRun,
      mode: options.mode,
      corrects: request.corrects || undefined,
    };
    return this.imports.create(ctx.tenantId, run, this.retention.keepMs);
  }

  private async prepare(
    request: ImportSpreadsheetRequest,
    options: ImportOptions,
    state: ImportState,
    { tenantId }: JobContext,
  ): Promise<ImportRun> {
    const upload = await this.uploads.find(tenantId, state.uploadId);
    const found = await this.templates.find(tenantId, state.templateId, state.templateVersion);
    if (!upload || !found)
      throw new JobFailure('NOT_FOUND', 'The upload of this import has expired; upload the file again', {
        field: 'upload_id',
      });
    const { template } = found;
    const target = await this.targets.open(state, template, options);
    return {
      upload,
      template,
      options,
      sheet: request.sheet,
      headerRow: request.headerRow,
      mapping: request.mapping,
      target,
    };
  }

  private async storeAll({ state, target }: ImportEnd): Promise<ImportState> {
    if (state.failed > 0) {
      throw new JobFailure(
        'INVALID_INPUT',
        `${state.failed} of ${state.rows} rows failed, so nothing was stored; correct them and import the file again`,
        { field: 'file' },
      );
    }
    return (await this.batches.storeStaged(state, target)) ?? state;
  }

  private async end(
    state: ImportState,
    status: 'completed' | 'failed',
    summary: string,
    ctx: JobContext,
  ): Promise<void> {
    await this.imports.finish(state.id, status, summary, this.retention.keepMs);
    const { created, updated, unchanged, failed } = state;
    ctx.emit('spreadsheets.imported', { importId: state.id, status, summary, created, updated, unchanged, failed });
  }

  /** Tells the import's owner of an end that no other attempt will change. */
  private async failed(id: string, error: unknown, ctx: JobContext): Promise<void> {
    if (ctx.signal.aborted) {
      const { reason } = ctx.signal.reason as { reason?: string };
      if (reason !== 'cancelled') return;
      await this.batches.dropStaged(id);
      await this.imports.finish(id, 'cancelled', 'Cancelled', this.retention.keepMs);
      return;
    }
    const failure = JobFailure.from(error);
    const state = failure.retryable ? undefined : await this.imports.find(ctx.tenantId, id);
    if (!state) return;
    await this.batches.dropStaged(id);
    await this.withFailedFile(state, ctx.signal);
    await this.end(state, 'failed', failure.message, ctx);
  }

  private async withFailedFile(state: ImportState, signal: AbortSignal): Promise<ImportState> {
    if (state.failed === 0) return state;
    return { ...state, failedFile: await this.failedFile.write(state, signal) };
  }
}

/** Bad rows do not stop an import, but one that brings nothing else is the wrong file or the wrong mapping. */
function refuseUseless({ rows, failed, dryRun }: ImportState): void {
  if (rows === 0) throw new JobFailure('INVALID_INPUT', 'The sheet has no rows below its header', { field: 'file' });
  if (failed === rows && !dryRun)
    throw new JobFailure('INVALID_INPUT', `None of the ${rows} rows can be imported; the errors say why`, {
      field: 'file',
    });
}

function resultOf(state: ImportState): ImportSpreadsheetResult {
  const { id, rows, created, updated, unchanged, failed, dryRun, failedFile, fileName } = state;
  return {
    importId: id,
    rows,
    created,
    updated,
    unchanged,
    failed,
    dryRun,
    summary: summaryOf(state),
    failedRowsKey: failedFile ?? '',
    failedRowsName: failedFileName(fileName),
  };
}
