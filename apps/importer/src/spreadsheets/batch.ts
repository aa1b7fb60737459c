import type { BatchHeader, FailedRow, Frame, RowError } from '@roundhouse/spreadsheets';

/** Rows that were read together, and are stored together with the cursor behind them. */
export interface Batch extends BatchHeader {
  /** The good rows as COPY takes them. */
  lines: Buffer;
}

export function batchOf({ content }: Frame): Batch {
  const length = content.readUInt32LE(0);
  const header = JSON.parse(content.toString('utf8', 4, 4 + length)) as BatchHeader;
  return { ...header, lines: content.subarray(4 + length) };
}

/** The batch with rows that turned out to be bad; their lines are the caller's to leave out. */
export function withFailed(batch: Batch, errors: readonly RowError[], failed: readonly FailedRow[]): Batch {
  return {
    ...batch,
    good: batch.good - failed.length,
    errors: [...batch.errors, ...errors].sort((a, b) => a.row - b.row),
    failed: [...batch.failed, ...failed].sort((a, b) => a.row - b.row),
  };
}
