/** What a number means by its format. `zeros`: shown with at least so many digits ("00000"). */
export type NumberFormat = 'date' | 'datetime' | 'time' | { zeros: number };

/** A cell as the file has it. Empty cells are undefined. */
export type Cell =
  | { kind: 'text'; text: string }
  /** `text` as stored: "1.1000000000000001", "4.5E-2". */
  | { kind: 'number'; text: string; format?: NumberFormat }
  | { kind: 'boolean'; text: 'TRUE' | 'FALSE' }
  /** A date that is written as one (ISO 8601), not as a serial number. */
  | { kind: 'date'; text: string }
  /** "#N/A", "#REF!" … */
  | { kind: 'error'; text: string }
  /** A formula whose value was never stored. */
  | { kind: 'uncalculated'; text: string };

export interface SheetRow {
  /** From 1, as Excel shows it. */
  number: number;
  /** By column from 0; may be sparse. */
  cells: (Cell | undefined)[];
}

export const isBlank = ({ cells }: SheetRow): boolean => !cells.some((cell) => cell !== undefined && cell.text !== '');
