import type { DataSource } from 'typeorm';

export interface StoredRedrive {
  id: string;
  state: 'running' | 'stopped' | 'finished';
  filter: Record<string, unknown>;
  canary: boolean;
  per_second: number | null;
  /** Canary only: 1, 2 (ten jobs) or 3 (all). Otherwise 0. */
  stage: number;
  matched: number;
  sent: number;
  /** Not sent yet; of a redrive that is over: left alone. */
  pending: number;
  /** Sent and not over. */
  open: number;
  succeeded: number;
  dead: number;
  /** Died again of what they had died of before. */
  recurred: number;
  cancelled: number;
  /** Could not be sent, or were no longer dead. */
  skipped: number;
  stop_reason: string | null;
  created_by: string;
  created_at: Date;
  finished_at: Date | null;
}

/** Newest first; `before` is the id of the last one of the page before. */
export async function readRedrives(
  dataSource: DataSource,
  tenantId: string,
  { id, before, limit }: { id?: string; before?: string; limit: number },
): Promise<{ redrives: StoredRedrive[]; next: string | undefined }> {
  const rows = await dataSource.query<StoredRedrive[]>(
    `select r.id, r.state, r.filter, r.canary, r.per_second, r.stage, r.matched, r.stop_reason, r.created_by, r.created_at,
            r.finished_at, c.*
     from (
       select * from ledger.redrives
       where tenant_id = $1 and ($2::uuid is null or id = $2::uuid) and ($3::uuid is null or id < $3::uuid)
       order by id desc limit $4
     ) r, lateral (
       select count(sent_at)::integer as sent,
              (count(*) filter (where sent_at is null and outcome is null))::integer as pending,
              (count(*) filter (where sent_at is not null and outcome is null))::integer as open,
              (count(*) filter (where outcome = 'succeeded'))::integer as succeeded,
              (count(*) filter (where outcome = 'dead'))::integer as dead,
              (count(*) filter (where recurred))::integer as recurred,
              (count(*) filter (where outcome = 'cancelled'))::integer as cancelled,
              (count(*) filter (where outcome = 'skipped'))::integer as skipped
       from ledger.redrive_jobs j where j.redrive_id = r.id
     ) c
     order by r.id desc`,
    [tenantId, id ?? null, before ?? null, limit + 1],
  );
  const redrives = rows.slice(0, limit);
  return { redrives, next: rows.length > limit ? redrives.at(-1)?.id : undefined };
}

export interface SkippedJob {
  job_id: string;
  reason: string;
}

/** Why jobs were skipped, in the order they would have been sent. */
export async function readSkippedJobs(dataSource: DataSource, redriveId: string, limit: number): Promise<SkippedJob[]> {
  return dataSource.query<SkippedJob[]>(
    `select job_id, coalesce(reason, '') as reason from ledger.redrive_jobs
     where redrive_id = $1 and outcome = 'skipped' order by position limit $2`,
    [redriveId, limit],
  );
}
