export { Refusal } from './files/workbook/refusal.js';
export { sniffBytes, sniffFileType, fileTypes, type FileType } from './files/workbook/file-type.js';
export type { SheetFacts } from './files/workbook/workbook.js';
export { annotationHeaders, type Match } from './mapping/auto-map.js';
export type { SourceColumn } from './mapping/header-row.js';
export type { OutColumn } from './export/out-column.js';
export { messageOf, type Frame } from './process/frames.js';
export type {
  BatchHeader,
  FailedRow,
  FailedRowOut,
  FileFacts,
  ImportRequest,
  ImportStart,
  Preview,
  PreviewRow,
  SheetChoice,
  WriteRequest,
  Written,
} from './process/requests.js';
export type { KeptCell } from './export/kept-cell.js';
export { okOf, SheetProcess, type SheetProcessOptions } from './process/sheet-process.js';
export { rowRules, shownValue, type RowError, type RowRule } from './rows/row-error.js';
export { inTransaction, type SheetTransaction } from './store/database.js';
export {
  SheetImportStore,
  type BatchCounts,
  type ImportModeName,
  type ImportState,
  type NewImport,
  type RunStatus,
  type StoredRowError,
} from './store/import-store.js';
export { ExportStore, type ExportFormatName, type ExportState } from './store/export-store.js';
export { Expiry } from './store/expiry.js';
export { QueryStore, type StoredQuery } from './store/query-store.js';
export { RecordExport, type RecordColumn } from './store/record-export.js';
export { conditionOf, type RecordQuery } from './store/record-query.js';
export { tableType } from './store/table-type.js';
export { TargetTables, type TargetTable } from './store/target-tables.js';
export { TargetStore, type StoredRecord, type TargetSummary } from './store/target-store.js';
export { querySchema, type SheetQuery } from './template/query.js';
export type { Page, PageRequest } from './store/page-position.js';
export {
  isKnownKey,
  RecordStore,
  type OnExistingName,
  type RowTarget,
  type StoredCounts,
} from './store/record-store.js';
export { createSpreadsheetsDataSource, type SpreadsheetsDatabaseOptions } from './store/spreadsheets-data-source.js';
export { TemplateStore, type StoredTemplate } from './store/template-store.js';
export { SheetUploadStore, type StoredUpload } from './store/upload-store.js';
export { headerOf } from './template/header-of.js';
export {
  columnSchema,
  columnTypes,
  targetNameSchema,
  templateSchema,
  transforms,
  type Column,
  type ColumnType,
  type Template,
} from './template/template.js';
