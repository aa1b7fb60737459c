import type { BatchHeader, FailedRow, Frame, RowError } from '@roundhouse/spreadsheets';

/** Rows that were read together, and are stored together with the cursor behind them. */
export interface Batch extends BatchHeader {
  /** The good rows, as the database takes them: a jsonb in binary form. */
  rows: Buffer;
}

/** A good row as it stands in `Batch.rows`. */
export interface BatchRow {
  /** Row in the sheet. */
  r: number;
  /** Key. */
  k?: string;
  d: Record<string, unknown>;
  /** Keys of other targets, by the place of the template's references. */
  f?: (string | null)[];
  /** Cells, when the database may still refuse the row. */
  c?: FailedRow['cells'];
}

export function batchOf({ content }: Frame): Batch {
  const length = content.readUInt32LE(0);
  const header = JSON.parse(content.toString('utf8', 4, 4 + length)) as BatchHeader;
  return { ...header, rows: content.subarray(4 + length) };
}

/** Version 1 of the binary form of jsonb. */
const jsonbOf = (rows: readonly BatchRow[]): Buffer =>
  Buffer.concat([Buffer.from([1]), Buffer.from(JSON.stringify(rows))]);

export const rowsOf = ({ rows }: Batch): BatchRow[] => JSON.parse(rows.toString('utf8', 1)) as BatchRow[];

/** The batch without rows that turned out to be bad. */
export function withoutRows(batch: Batch, rows: readonly BatchRow[], errors: readonly RowError[]): Batch {
  if (errors.length === 0) return batch;
  const bad = new Set(errors.map(({ row }) => row));
  const good = rows.filter(({ r }) => !bad.has(r));
  const failed = rows.filter(({ r }) => bad.has(r)).map(({ r, c }) => ({ row: r, cells: c ?? [] }));
  return {
    ...batch,
    rows: jsonbOf(good),
    good: good.length,
    errors: [...batch.errors, ...errors].sort((a, b) => a.row - b.row),
    failed: [...batch.failed, ...failed].sort((a, b) => a.row - b.row),
  };
}
