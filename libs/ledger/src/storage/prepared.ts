import type { EntityManager } from 'typeorm';

interface PgClient {
  query(statement: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

// A statement that is put together from parts has some variants; past this many they are not worth keeping on every connection.
const maxStatements = 200;
const names = new Map<string, string>();

function nameOf(sql: string): string | undefined {
  const known = names.get(sql);
  if (known !== undefined || names.size >= maxStatements) return known;
  const name = `rh_${names.size}`;
  names.set(sql, name);
  return name;
}

/**
 * For the statements of the job path, which are sent again and again: each connection has them parsed and planned once. Planning them anew took
 * longer than some of them run. A pooler in transaction mode has to know protocol-level prepared statements (PgBouncer from 1.21).
 */
export async function queryPrepared<T>(tx: EntityManager, text: string, values: unknown[] = []): Promise<T[]> {
  const name = nameOf(text);
  if (name === undefined || !tx.queryRunner) return tx.query<T[]>(text, values);
  const client = (await tx.queryRunner.connect()) as PgClient;
  const { rows } = await client.query({ name, text, values });
  return rows as T[];
}
