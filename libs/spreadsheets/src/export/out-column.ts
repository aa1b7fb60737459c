import type { ColumnType } from '../template/template.js';

/** A column of a file that is written. */
export interface OutColumn {
  header: string;
  type: ColumnType;
  /** In characters, .xlsx only. @default by type and header */
  width?: number;
}

/** A value as text, by its column's type as it is stored: numbers plain, dates and times in ISO 8601, `true`. Null: no value. */
export type OutValue = string | null;
