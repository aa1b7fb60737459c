import type { Transaction } from '@roundhouse/jobs';
import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { DataSource } from 'typeorm';

/** Rows for every statement; TypeORM alone answers `[rows, count]` for update and delete. */
export async function select<Row>(database: DataSource | Transaction, sql: string, values: unknown[]): Promise<Row[]> {
  const answer = await database.query<Row[] | [Row[], number]>(sql, values);
  return Array.isArray(answer[0]) && answer.length === 2 && typeof answer[1] === 'number'
    ? answer[0]
    : (answer as Row[]);
}

/** A transaction that takes rows by COPY as well. */
export interface SheetTransaction extends Transaction {
  /** @param sql `copy … from stdin` @param rows lines in text format; not kept */
  copy(sql: string, rows: Buffer): Promise<void>;
}

/** PostgreSQL asks for the same again: two transactions were in each other's way. */
const again = ['40001', '40P01'];
const attempts = 5;

/** Runs `work` in a transaction, again when it collided with another one. */
export async function inTransaction<T>(database: DataSource, work: (tx: SheetTransaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(async ({ queryRunner }) => {
        const client = (await queryRunner!.connect()) as ClientBase; // a manager of a transaction has one
        return work({
          query: async <Rows>(sql: string, values: unknown[] = []) =>
            (await queryRunner!.query(sql, values, true)).records as Rows,
          copy: async (sql, rows) => {
            const stream = client.query(copyFrom(sql));
            stream.end(rows);
            await finished(stream);
          },
        });
      });
    } catch (error) {
      if (attempt >= attempts || !again.includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
