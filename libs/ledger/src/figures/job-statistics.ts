import type { DataSource } from 'typeorm';
import type { LatencyCounts } from './latency-histogram.js';

/** What the jobs of a kind did in some time. */
export interface JobFigures {
  started: number;
  succeeded: number;
  /** Attempts, those that killed their job included. */
  failed: number;
  dead: number;
  /** Deaths of causes that were muted; they are among the dead. */
  muted: number;
  cancelled: number;
  /** Per class of latency: from the time a job was to run to its start. */
  waits: LatencyCounts;
  /** Per class of latency: of successful runs. */
  runs: LatencyCounts;
}

export interface MinuteFigures extends JobFigures {
  tenantId: string;
  minute: Date;
  kind: string;
}

const keptDays = 2;

/** Adds to what is there. In key order, so that processes that add at the same time do not deadlock. */
export async function addStatistics(dataSource: DataSource, figures: readonly MinuteFigures[]): Promise<void> {
  const keyOf = ({ tenantId, minute, kind }: MinuteFigures) => `${tenantId} ${minute.toISOString()} ${kind}`;
  const rows = [...figures].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await dataSource.query(
    `insert into ledger.job_statistics as s (tenant_id, minute, kind, started, succeeded, failed, dead, muted, cancelled, waits, runs)
     select tenant_id, minute, kind, started, succeeded, failed, dead, muted, cancelled, waits, runs
     from jsonb_to_recordset($1::jsonb) as r(tenant_id text, minute timestamptz, kind text, started integer, succeeded integer,
       failed integer, dead integer, muted integer, cancelled integer, waits integer[], runs integer[])
     on conflict (tenant_id, minute, kind) do update set
       started = s.started + excluded.started, succeeded = s.succeeded + excluded.succeeded, failed = s.failed + excluded.failed,
       dead = s.dead + excluded.dead, muted = s.muted + excluded.muted, cancelled = s.cancelled + excluded.cancelled,
       waits = array(select a + b from unnest(s.waits, excluded.waits) with ordinality as u(a, b, i) order by i),
       runs = array(select a + b from unnest(s.runs, excluded.runs) with ordinality as u(a, b, i) order by i)`,
    [JSON.stringify(rows.map(({ tenantId, ...row }) => ({ tenant_id: tenantId, ...row })))],
  );
}

/** Of one tenant from `since` on, oldest first. */
export async function readStatistics(dataSource: DataSource, tenantId: string, since: Date): Promise<MinuteFigures[]> {
  return dataSource.query<MinuteFigures[]>(
    `select tenant_id as "tenantId", minute, kind, started, succeeded, failed, dead, muted, cancelled, waits, runs
     from ledger.job_statistics where tenant_id = $1 and minute >= $2 order by minute`,
    [tenantId, since],
  );
}

export async function forgetStatistics(dataSource: DataSource): Promise<void> {
  await dataSource.query(`delete from ledger.job_statistics where minute < now() - make_interval(days => $1)`, [
    keptDays,
  ]);
}
