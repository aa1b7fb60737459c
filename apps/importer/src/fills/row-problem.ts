import type { RowError } from './broker.js';

/** What is wrong with one cell; caught where the row is read and reported as a RowError. */
export class RowProblem extends Error {
  override readonly name = 'RowProblem';
  constructor(
    readonly column: string,
    readonly value: string,
    message: string,
  ) {
    super(message);
  }
}

const VALUE_LIMIT = 100;

/** A foreign value fit for a message and for a database column: no control characters, no half characters, shortened. */
export function shown(value: string): string {
  const short = value.length > VALUE_LIMIT ? `${value.slice(0, VALUE_LIMIT)}…` : value;
  return Buffer.from(short, 'utf8')
    .toString('utf8')
    .replace(/\p{Cc}/gu, ' ');
}

export function rowError(row: number, column: string, value: string, message: string): RowError {
  return { row, column, value: shown(value), message };
}

/** The result of `read`, or the row error of the RowProblem it threw; other errors pass. */
export function readRow<T>(row: number, read: () => T): { value: T } | { error: RowError } {
  try {
    return { value: read() };
  } catch (problem) {
    if (!(problem instanceof RowProblem)) throw problem;
    return { error: rowError(row, problem.column, problem.value, problem.message) };
  }
}
