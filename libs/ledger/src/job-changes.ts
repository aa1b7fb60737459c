import type { DataSource } from 'typeorm';

/** Something happened to a job; `id` is the entry in its history. */
export interface JobChange {
  id: string;
  job_id: string;
}

/**
 * What happened after the entry `after`, oldest first, of all tenants. Entries become visible when their transaction commits,
 * so one with a lower id may appear behind a reader: who must not miss any reads again a little way back.
 */
export async function changedJobs(dataSource: DataSource, after: string, limit: number): Promise<JobChange[]> {
  return dataSource.query<JobChange[]>(
    `select h.id::text, h.job_id from ledger.job_history h where h.id > $1::bigint order by h.id limit $2`,
    [after, limit],
  );
}

/** The last entry there is; "0" before the first. */
export async function endOfHistory(dataSource: DataSource): Promise<string> {
  const [row] = await dataSource.query<{ id: string | null }[]>(
    `select max(h.id)::text as id from ledger.job_history h`,
  );
  return row?.id ?? '0';
}

/** Ids of jobs that were accepted from `since` on, newest first. Ids carry the accepting gateway's clock (UUIDv7). */
export async function arrivedJobs(
  dataSource: DataSource,
  tenantIds: readonly string[],
  since: Date,
  limit: number,
): Promise<string[]> {
  const rows = await dataSource.query<{ id: string }[]>(
    `select j.id from unnest($1::text[]) t(id), lateral (
       select id from ledger.jobs where tenant_id = t.id and id > $2::uuid order by id desc limit $3
     ) j`,
    [tenantIds, firstIdOf(since), limit],
  );
  return rows.map(({ id }) => id);
}

/** The lowest UUIDv7 of a millisecond. */
function firstIdOf(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
