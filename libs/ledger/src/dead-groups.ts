import type { DataSource } from 'typeorm';
import { deadCondition, type DeadFilter } from './dead-filter.js';

/** Deaths of one cause and one contract version. */
export interface DeadGroup {
  /** Null: died before deaths had fingerprints. */
  fingerprint: string | null;
  kind: string;
  version: number;
  code: string | null;
  /** Queues the jobs are of. */
  queues: string[];
  count: number;
  first_death: Date;
  last_death: Date;
  /** The youngest job of the group, and the message it died with. */
  sample_job_id: string;
  sample_message: string | null;
}

/** Latest death first. */
export async function deadGroups(
  dataSource: DataSource,
  tenantId: string,
  filter: DeadFilter,
  { limit, discarded }: { limit: number; discarded: boolean },
): Promise<DeadGroup[]> {
  const { sql, parameters } = deadCondition(tenantId, filter, discarded);
  return dataSource.query<DeadGroup[]>(
    `select g.*, s.error->>'message' as sample_message
     from (
       select j.fingerprint, j.kind, j.version, j.error->>'code' as code, array_agg(distinct j.queue) as queues,
              count(*)::integer as count, min(j.finished_at) as first_death, max(j.finished_at) as last_death,
              max(j.id::text) as sample_job_id
       from ledger.jobs j where ${sql}
       group by j.fingerprint, j.kind, j.version, j.error->>'code'
       order by max(j.finished_at) desc limit ${Math.trunc(limit)}
     ) g
     join ledger.jobs s on s.id = g.sample_job_id::uuid
     order by g.last_death desc, g.sample_job_id desc`,
    parameters,
  );
}

/** How many match now. A death at `asOf` or later is not among them, so that a redrive `until` then has the same ones. */
export async function countDead(
  dataSource: DataSource,
  tenantId: string,
  filter: DeadFilter,
): Promise<{ count: number; asOf: Date }> {
  // Cut to milliseconds, as times travel in JSON.
  const [{ now: asOf } = { now: new Date() }] = await dataSource.query<{ now: Date }[]>(
    `select date_trunc('milliseconds', clock_timestamp()) as now`,
  );
  const until = filter.until && filter.until < asOf ? filter.until : asOf;
  const { sql, parameters } = deadCondition(tenantId, { ...filter, until });
  const [row] = await dataSource.query<{ count: number }[]>(
    `select count(*)::integer as count from ledger.jobs j where ${sql}`,
    parameters,
  );
  return { count: row?.count ?? 0, asOf: until };
}
