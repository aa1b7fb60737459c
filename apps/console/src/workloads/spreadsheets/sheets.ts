import { useQueryClient } from '@tanstack/react-query';
import type { Answer, JobSummary } from '../../platform/api/index.js';
import { useLive } from '../../platform/live/index.js';

export type SheetImport = Answer<'/v1/spreadsheets/imports/{id}', 'get'>;
export type SheetImports = Answer<'/v1/spreadsheets/imports', 'get'>;
export type SheetErrors = Answer<'/v1/spreadsheets/imports/{id}/errors', 'get'>;
export type SheetExports = Answer<'/v1/spreadsheets/exports', 'get'>;
export type SheetTemplates = Answer<'/v1/spreadsheets/templates', 'get'>;
export type SheetTemplate = Answer<'/v1/spreadsheets/templates/{id}', 'get'>;
export type SheetUpload = Answer<'/v1/spreadsheets/uploads/{id}', 'get'>;
export type SheetPreview = Answer<'/v1/spreadsheets/uploads/{id}/preview', 'post'>;
export type SheetQueries = Answer<'/v1/spreadsheets/queries', 'get'>;
export type SheetTargets = Answer<'/v1/spreadsheets/targets', 'get'>;

/** Reads what is shown of imports and exports again when a job of theirs has moved. */
export function useLiveSheets(): void {
  const queries = useQueryClient();
  useLive<{ jobs: JobSummary[] }>('jobs', ({ jobs }) => {
    for (const { id, kind } of jobs) {
      if (kind === 'spreadsheets.import') {
        void queries.invalidateQueries({ queryKey: ['sheet-import', id] });
        void queries.invalidateQueries({ queryKey: ['sheet-imports'] });
      }
      if (kind === 'spreadsheets.export') void queries.invalidateQueries({ queryKey: ['sheet-exports'] });
    }
  });
}

/** "12.3 MiB" */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const units = ['KiB', 'MiB', 'GiB'];
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${value.toFixed(1)} ${units[unit]}`;
}
