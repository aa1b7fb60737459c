import type { DataSource } from 'typeorm';

/** Those of the jobs that are cancelled, across tenants: for those who keep something of their own about jobs. */
export async function cancelledAmong(dataSource: DataSource, jobIds: readonly string[]): Promise<string[]> {
  if (jobIds.length === 0) return [];
  const rows = await dataSource.query<{ id: string }[]>(
    `select id from ledger.jobs where id = any ($1::uuid[]) and state = 'cancelled'`,
    [jobIds],
  );
  return rows.map(({ id }) => id);
}
