import { ImportMode, OnExisting, type ImportSpreadsheetRequest } from '@roundhouse/contracts';
import type { ImportModeName, OnExistingName } from '@roundhouse/spreadsheets';

const defaultMaxFailedRows = 10_000;

/** A request with its defaults. */
export interface ImportOptions {
  mode: ImportModeName;
  dryRun: boolean;
  maxFailedRows: number;
  onExisting: OnExistingName;
  rewriteUnchanged: boolean;
}

export function importOptions(request: ImportSpreadsheetRequest): ImportOptions {
  return {
    mode: request.mode === ImportMode.ALL_OR_NOTHING ? 'all_or_nothing' : 'partial',
    dryRun: request.dryRun,
    maxFailedRows: request.maxFailedRows || defaultMaxFailedRows,
    onExisting:
      request.onExisting === OnExisting.SKIP ? 'skip' : request.onExisting === OnExisting.FAIL ? 'fail' : 'update',
    rewriteUnchanged: request.rewriteUnchanged,
  };
}
