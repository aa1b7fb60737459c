import type { Transaction } from '@roundhouse/jobs';

/** Rows of an update or delete with `returning`: a data source answers `[rows, count]` for one, a transaction of the inbox the rows alone. */
export async function changedRows<T>(database: Transaction, sql: string, parameters: unknown[]): Promise<T[]> {
  return database.query<T[]>(`with changed as (${sql}) select * from changed`, parameters);
}
