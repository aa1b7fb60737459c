import { Controller } from '@nestjs/common';
import { ExportFormat, type ExportSpreadsheetRequest, type ExportSpreadsheetResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { JobHandler } from '@roundhouse/rabbitmq';
import { ExportStore, type ExportFormatName } from '@roundhouse/spreadsheets';
import { ExportRunner } from '../spreadsheets/export-run.js';
import { ExportSources } from '../spreadsheets/export-sources.js';
import { Retention } from '../spreadsheets/retention.js';

const formats: Partial<Record<ExportFormat, ExportFormatName>> = {
  [ExportFormat.XLSX]: 'xlsx',
  [ExportFormat.CSV]: 'csv',
  [ExportFormat.NDJSON]: 'ndjson',
};

/** Writes records into a file; run again, it writes the same file anew. */
@Controller()
export class ExportSpreadsheetHandler {
  constructor(
    private readonly exports: ExportStore,
    private readonly sources: ExportSources,
    private readonly runner: ExportRunner,
    private readonly retention: Retention,
  ) {}

  @JobHandler('spreadsheets.export')
  async handle(request: ExportSpreadsheetRequest, ctx: JobContext): Promise<ExportSpreadsheetResult> {
    const { tenantId, jobId: id } = ctx;
    const { keepMs } = this.retention;
    const format = formats[request.format] ?? 'xlsx';
    try {
      const source = await this.sources.open(tenantId, request.source);
      const name = `${fileName(request.name || source.name)}.${format}`;
      await this.exports.create(tenantId, { id, format, name }, keepMs);
      await this.exports.started(id, name);
      const written = await this.runner.run({ source, format, delimiter: request.delimiter || ',' }, ctx);
      const message = `${written.rows} rows`;
      await this.exports.finish(id, { status: 'completed', message, ...written }, keepMs);
      ctx.emit('spreadsheets.exported', { exportId: id, name, rows: written.rows, bytes: written.bytes });
      return { exportId: id, name, ...written };
    } catch (error) {
      await this.failed(id, error, ctx);
      throw error;
    }
  }

  /** Tells the export's owner of an end that no other attempt will change. */
  private async failed(id: string, error: unknown, { signal }: JobContext): Promise<void> {
    const { keepMs } = this.retention;
    const reason = signal.aborted ? (signal.reason as { reason?: string }).reason : undefined;
    const failure = JobFailure.from(error);
    if (reason === 'cancelled') await this.exports.finish(id, { status: 'cancelled', message: 'Cancelled' }, keepMs);
    else if (!signal.aborted && !failure.retryable)
      await this.exports.finish(id, { status: 'failed', message: failure.message }, keepMs);
  }
}

/** What every file system takes. */
function fileName(name: string): string {
  return (
    name
      .replace(/[<>:"/\\|?*\p{Cc}]/gu, '_')
      .replace(/^[. ]+|[. ]+$/g, '')
      .slice(0, 100) || 'export'
  );
}
