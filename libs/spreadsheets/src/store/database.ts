import type { Transaction } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';

/** Rows for every statement; TypeORM alone answers `[rows, count]` for update and delete. */
export async function select<Row>(database: DataSource | Transaction, sql: string, values: unknown[]): Promise<Row[]> {
  const answer = await database.query<Row[] | [Row[], number]>(sql, values);
  return Array.isArray(answer[0]) && answer.length === 2 && typeof answer[1] === 'number'
    ? answer[0]
    : (answer as Row[]);
}

/** PostgreSQL asks for the same again: two transactions were in each other's way. */
const again = ['40001', '40P01'];
const attempts = 5;

/** Runs `work` in a transaction, again when it collided with another one. */
export async function inTransaction<T>(database: DataSource, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(async ({ queryRunner }) =>
        work({
          query: async <Rows>(sql: string, values: unknown[] = []) =>
            (await queryRunner!.query(sql, values, true)).records as Rows,
        }),
      );
    } catch (error) {
      if (attempt >= attempts || !again.includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
