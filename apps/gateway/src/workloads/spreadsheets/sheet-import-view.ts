import type { ImportState } from '@roundhouse/spreadsheets';
import { z } from 'zod';
import { openStatus, runStatuses, type JobSide } from './run-status.js';
import { rowErrorSchema } from './sheet-upload-view.js';

export const sheetImportSchema = z
  .object({
    id: z.uuid().describe("The job's id"),
    status: z.enum(runStatuses),
    message: z.string(),
    percent: z.number(),
    upload_id: z.uuid(),
    file_name: z.string(),
    template_id: z.uuid(),
    template_version: z.number().int(),
    target: z.string(),
    dry_run: z.boolean(),
    mode: z.enum(['partial', 'all_or_nothing']),
    corrects: z.uuid().nullable(),
    sheet: z.string().nullable(),
    header_row: z.number().int().nullable(),
    mapping: z.record(z.string(), z.string()).nullable(),
    total_rows: z.number().int().describe('An estimate until the end'),
    rows: z.number().int(),
    created: z.number().int(),
    updated: z.number().int(),
    unchanged: z.number().int(),
    failed: z.number().int(),
    failed_rows: z.string().nullable().describe('Link to the rows that failed as .xlsx; it needs no API key'),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'SheetImport' });

export const sheetImportErrorSchema = rowErrorSchema.extend({ sheet: z.string() });

export function sheetImportView(run: ImportState, job: JobSide | undefined, failedRows: string | null) {
  const status = openStatus(run.status, job);
  const done = run.totalRows === 0 ? 0 : Math.min(99, (run.rows / run.totalRows) * 100);
  return {
    id: run.id,
    status,
    message: status === run.status && run.message ? run.message : (job?.message ?? ''),
    percent: status === 'completed' ? 100 : Math.round(done * 10) / 10,
    upload_id: run.uploadId,
    file_name: run.fileName,
    template_id: run.templateId,
    template_version: run.templateVersion,
    target: run.target,
    dry_run: run.dryRun,
    mode: run.mode,
    corrects: run.corrects,
    sheet: run.sheet,
    header_row: run.headerRow,
    mapping: run.mapping,
    total_rows: run.totalRows,
    rows: run.rows,
    created: run.created,
    updated: run.updated,
    unchanged: run.unchanged,
    failed: run.failed,
    failed_rows: failedRows,
    created_at: run.createdAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    finished_at: run.finishedAt?.toISOString() ?? null,
    expires_at: run.expiresAt.toISOString(),
  };
}
