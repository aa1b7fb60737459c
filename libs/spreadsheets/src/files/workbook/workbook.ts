import type { CellRange } from '../../cells/cell-reference.js';
import type { SheetRow } from '../../cells/cell.js';
import type { DateSystem } from '../../cells/serial-date.js';
import type { FileType } from './file-type.js';

export interface SheetInfo {
  name: string;
  hidden: boolean;
}

/** What looking through a whole sheet has found; sheets do not say it up front, or lie. */
export interface SheetFacts extends SheetInfo {
  /** Rows that the file has, blank ones among them. */
  rows: number;
  merges: CellRange[];
}

/** A file that has been opened. */
export interface Workbook {
  readonly type: FileType;
  readonly dateSystem: DateSystem;
  readonly sheets: SheetInfo[];
  /** The rows that the file has, top to bottom, without those that it leaves out; merged ranges are not filled in. */
  rows(sheet: string): AsyncIterable<SheetRow>;
  /** Reads every sheet once: what is damaged or too large is found here. */
  inspect(): Promise<SheetFacts[]>;
  close(): void;
}
