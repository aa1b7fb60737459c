import type { CsvDialect } from '../files/csv/csv-dialect.js';
import type { KeptCell } from '../export/kept-cell.js';
import type { OutColumn } from '../export/out-column.js';
import type { FileType } from '../files/workbook/file-type.js';
import type { SheetFacts } from '../files/workbook/workbook.js';
import type { Match } from '../mapping/auto-map.js';
import type { SourceColumn } from '../mapping/header-row.js';
import type { RowError } from '../rows/row-error.js';
import type { Template } from '../template/template.js';

/** What an inspection has found; kept with the upload. */
export interface FileFacts {
  type: FileType;
  sheets: SheetFacts[];
  /** CSV only. */
  dialect?: CsvDialect;
}

/** Which sheet of a file is read, and how. */
export interface SheetChoice {
  path: string;
  facts: FileFacts;
  sheet: string;
  /** From 1; 0: looked for. */
  headerRow: number;
  /** Template column → column name in the sheet; undefined: mapped by names. */
  mapping?: Record<string, string>;
}

export interface InspectRequest {
  type: 'inspect';
  path: string;
}

export interface PreviewRequest extends SheetChoice {
  type: 'preview';
  template?: Template;
  /** Rows to show. */
  rows: number;
}

export interface PreviewRow {
  row: number;
  /** As shown, by the place of `columns`. */
  cells: string[];
  /** Values by column of the template, as they would be stored. */
  values?: Record<string, unknown>;
  errors: RowError[];
}

export interface Preview {
  sheet: string;
  headerRow: number;
  columns: (SourceColumn & { sample: string })[];
  mapping: Match[];
  /** Columns that are required, have no default and are not mapped. */
  missing: string[];
  rows: PreviewRow[];
}

export interface ImportRequest extends SheetChoice {
  type: 'import';
  importId: string;
  template: Template;
  /** Rows up to this one are not sent: they are stored already. */
  after: number;
  batchRows: number;
  /** Send the cells of good rows as well: the database may still refuse them. */
  withCells: boolean;
}

/** First answer to an import. */
export interface ImportStart {
  sheet: string;
  headerRow: number;
  columns: SourceColumn[];
  mapping: Record<string, string>;
  /** Columns of the template that have values: mapped ones and those with a default, in the order of the template. */
  brought: string[];
}

export interface FailedRow {
  row: number;
  /** By the place of `columns`. */
  cells: KeptCell[];
}

/**
 * Header of a batch frame; behind it follow its good rows as PostgreSQL's COPY takes them: row, import, key, the columns that are brought, and
 * the cells as JSON when they were asked for. So they pass through the importer without being looked at.
 */
export interface BatchHeader {
  /** The last row of the batch: the cursor behind it. */
  through: number;
  /** Rows of the batch that were not blank. */
  read: number;
  good: number;
  errors: RowError[];
  failed: FailedRow[];
}

/** `crash`: something that should not happen, with its stack. */
export type Answer<T> = { ok: T } | { refused: { message: string; field: string } } | { crash: string };

/** A file to be written. The rows follow as frames. */
export interface WriteRequest {
  type: 'write';
  /** `failed`: an .xlsx file of rows as they came, with what is wrong. */
  format: 'xlsx' | 'csv' | 'ndjson' | 'failed';
  /** Of the sheet. */
  name: string;
  columns: OutColumn[];
  delimiter: string;
  /** Of dates with a time in .xlsx, which has no zones. */
  timeZone: string;
  /** Rows of a sheet. @default Excel's limit */
  maxRows?: number;
}

/** A row that failed, to be written. */
export interface FailedRowOut {
  /** In the sheet that it came from. */
  row: number;
  cells: KeptCell[];
  /** Places of the cells that are wrong. */
  marked: number[];
  errors: string;
}

export interface Written {
  rows: number;
  /** .xlsx only; 0 otherwise. */
  sheets: number;
}

export type SheetRequest = InspectRequest | PreviewRequest | ImportRequest | WriteRequest;
