export { Refusal } from './files/refusal.js';
export { sniffBytes, sniffFileType, fileTypes, type FileType } from './files/file-type.js';
export type { SheetFacts } from './files/workbook.js';
export { annotationHeaders, type Match } from './mapping/auto-map.js';
export type { SourceColumn } from './mapping/header-row.js';
export { messageOf, type Frame } from './process/frames.js';
export type {
  BatchHeader,
  FailedRow,
  FileFacts,
  ImportRequest,
  ImportStart,
  KeptCell,
  Preview,
  PreviewRow,
  SheetChoice,
} from './process/requests.js';
export { okOf, SheetProcess, type SheetProcessOptions } from './process/sheet-process.js';
export { rowRules, shownValue, type RowError, type RowRule } from './rows/row-error.js';
export { inTransaction } from './store/database.js';
export {
  SheetImportStore,
  type BatchCounts,
  type ImportModeName,
  type ImportState,
  type NewImport,
  type RunStatus,
  type StoredRowError,
} from './store/import-store.js';
export type { Page, PageRequest } from './store/page-position.js';
export { RecordStore, type OnExistingName, type RowTarget, type StoredCounts } from './store/record-store.js';
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
