import type { JobState } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import type { StoredError } from '../storage/index.js';

/** What a status page needs to know of a job. */
export interface SharedJob {
  kind: string;
  state: JobState;
  attempt: number;
  progress: number | null;
  progress_message: string | null;
  error: StoredError | null;
  /** Of a job that has succeeded. */
  result: Buffer | null;
  run_at: Date;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  cancel_requested_at: Date | null;
  /** When anything happened to it last, reports of progress included. */
  updated_at: Date;
  /** Ids of its status links that were revoked. */
  revoked_links: string[];
  /** The ledger's clock. */
  now: Date;
}

/** Undefined: the tenant has no such job. */
export async function readSharedJob(
  dataSource: DataSource,
  tenantId: string,
  id: string,
): Promise<SharedJob | undefined> {
  const [job] = await dataSource.query<SharedJob[]>(
    `select kind, state, attempt, progress, progress_message, error, run_at, created_at, started_at, finished_at, cancel_requested_at,
       case when state = 'succeeded' then result end as result,
       coalesce((select h.at from ledger.job_history h where h.job_id = j.id order by h.id desc limit 1), created_at) as updated_at,
       array(select l.id::text from ledger.status_links l where l.job_id = j.id and l.revoked_at is not null) as revoked_links,
       clock_timestamp() as now
     from ledger.jobs j where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return job;
}
