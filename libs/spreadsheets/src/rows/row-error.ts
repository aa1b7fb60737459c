/** Which rule a value breaks. A closed set: people filter by it, programs act on it. */
export const rowRules = [
  'required',
  'type',
  'length',
  'range',
  'pattern',
  'enum',
  'reference',
  'unique',
  'key',
  'exists',
  'cell_error',
  'uncalculated',
] as const;
export type RowRule = (typeof rowRules)[number];

/** What is wrong with one value of a row. */
export interface RowError {
  /** In the sheet, from 1. */
  row: number;
  /** Name of the template's column; empty when it is the whole row. */
  column: string;
  /** As it stands in the sheet, cut to 200 characters. */
  value: string;
  rule: RowRule;
  /** What is wrong and what is expected. */
  message: string;
}

const shown = 200;

export const shownValue = (text: string): string => (text.length > shown ? `${text.slice(0, shown - 1)}…` : text);
