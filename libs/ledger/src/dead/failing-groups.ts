import type { DataSource } from 'typeorm';

/** Jobs that failed of one cause and are to be tried again. */
export interface FailingGroup {
  /** Null: they failed before attempts had fingerprints. */
  fingerprint: string | null;
  kind: string;
  version: number;
  code: string | null;
  queues: string[];
  count: number;
  /** When the first of its hundred eldest jobs first failed. */
  since: Date;
  next_try: Date;
  /** Failed attempts of the job that has most. */
  most_failures: number;
  /** The youngest job of the group, and the message of its latest failure. */
  sample_job_id: string;
  sample_message: string | null;
}

export interface FailingFilter {
  kind?: string;
  queue?: string;
  code?: string;
  fingerprint?: string;
}

/** Jobs looked at: those that wait for a time, whatever for, the soonest first. */
export const failingCap = 20_000;
const eldest = 100;

/** Largest first. */
export async function failingGroups(
  dataSource: DataSource,
  tenantId: string,
  { kind, queue, code, fingerprint }: FailingFilter,
  limit: number,
): Promise<FailingGroup[]> {
  return dataSource.query<FailingGroup[]>(
    `with waiting as (
       select id, state, kind, version, fingerprint, error, queue, run_at, failures from ledger.jobs
       where tenant_id = $1 and state in ('scheduled', 'retrying') order by run_at limit ${failingCap}
     ), groups as (
       select fingerprint, kind, version, error->>'code' as code, array_agg(distinct queue) as queues, count(*)::integer as count,
              min(run_at) as next_try, max(failures) as most_failures, max(id::text) as sample_job_id,
              (array_agg(id order by id))[1:${eldest}] as eldest
       from waiting
       where state = 'retrying' and ($2::text is null or kind = $2) and ($3::text is null or queue = $3)
         and ($4::text is null or error->>'code' = $4) and ($5::text is null or fingerprint = $5)
       group by fingerprint, kind, version, error->>'code' order by count desc limit $6
     )
     select g.fingerprint, g.kind, g.version, g.code, g.queues, g.count, g.next_try, g.most_failures, g.sample_job_id,
            s.error->>'message' as sample_message,
            coalesce((select min(h.at) from ledger.job_history h where h.job_id = any(g.eldest) and h.type = 'retrying'),
                     s.created_at) as since
     from groups g join ledger.jobs s on s.id = g.sample_job_id::uuid order by g.count desc, g.sample_job_id desc`,
    [tenantId, kind ?? null, queue ?? null, code ?? null, fingerprint ?? null, Math.trunc(limit)],
  );
}
