import type { DataSource } from 'typeorm';

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
