import type { DataSource } from 'typeorm';
import { deadCondition, type DeadFilter } from './dead-filter.js';
import { failureStatusSql } from './failure-marks.js';

export const failureStatuses = ['open', 'muted', 'resolved', 'recurred'] as const;
export type FailureStatus = (typeof failureStatuses)[number];

/** Deaths of one cause and one contract version. */
export interface DeadGroup {
  /** Null: died before deaths had fingerprints. */
  fingerprint: string | null;
  kind: string;
  version: number;
  code: string | null;
  queues: string[];
  count: number;
  first_death: Date;
  last_death: Date;
  /** The youngest job of the group, and the message it died with. */
  sample_job_id: string;
  sample_message: string | null;
  /** Recurred: somebody has died of it since it was resolved. */
  status: FailureStatus;
  muted_at: Date | null;
  muted_by: string | null;
  mute_reason: string | null;
  muted_until: Date | null;
  resolved_at: Date | null;
  resolved_by: string | null;
  resolve_reason: string | null;
}

export interface DeadGroupOptions {
  limit: number;
  /** Discarded deaths as well. */
  discarded: boolean;
  /** @default all */
  status?: FailureStatus;
}

/** Latest death first. */
export async function deadGroups(
  dataSource: DataSource,
  tenantId: string,
  filter: DeadFilter,
  { limit, discarded, status }: DeadGroupOptions,
): Promise<DeadGroup[]> {
  const { sql, parameters } = deadCondition(tenantId, filter, discarded);
  const wanted = status === undefined ? '' : `where ${failureStatusSql} = $${parameters.length + 1}`;
  return dataSource.query<DeadGroup[]>(
    `select g.*, s.error->>'message' as sample_message
     from (
       select d.*, ${failureStatusSql} as status, m.muted_at, m.muted_by, m.mute_reason, m.muted_until, m.resolved_at,
              m.resolved_by, m.resolve_reason
       from (
         select j.tenant_id, j.fingerprint, j.kind, j.version, j.error->>'code' as code, array_agg(distinct j.queue) as queues,
                count(*)::integer as count, min(j.finished_at) as first_death, max(j.finished_at) as last_death,
                max(j.id::text) as sample_job_id
         from ledger.jobs j where ${sql}
         group by j.tenant_id, j.fingerprint, j.kind, j.version, j.error->>'code'
       ) d
       left join ledger.failure_marks m on m.tenant_id = d.tenant_id and m.fingerprint = d.fingerprint
       ${wanted}
       order by last_death desc limit ${Math.trunc(limit)}
     ) g
     join ledger.jobs s on s.id = g.sample_job_id::uuid
     order by g.last_death desc, g.sample_job_id desc`,
    status === undefined ? parameters : [...parameters, status],
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
