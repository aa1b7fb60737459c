import type { DataSource } from 'typeorm';

const portion = 20_000;

export interface ManyJobs {
  tenantId: string;
  kind: string;
  queue: string;
  state: 'succeeded' | 'dead';
  count: number;
  /** When the newest was accepted. @default a minute ago */
  newest?: Date;
}

/**
 * Finished jobs in bulk, a tenth of a second apart, straight into the ledger: for pages with more of them than a test could
 * run. Ids are UUIDv7 of their time, as the gateway makes them. It takes many short transactions, as a long one holds up
 * domain events on the whole server, those of other tests among them.
 */
export async function insertManyJobs(ledger: DataSource, jobs: ManyJobs): Promise<void> {
  const { tenantId, kind, queue, state, count, newest = new Date(Date.now() - 60_000) } = jobs;
  for (let first = 1; first <= count; first += portion)
    await ledger.query(
      `insert into ledger.jobs (id, tenant_id, kind, version, queue, state, payload, timeout_ms, traceparent, attempt, failures,
       run_at, created_at, started_at, finished_at, error, fingerprint)
     select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text || $2), 1, 3) || '8'
             || substr(md5(i::text || $2), 4, 15))::uuid,
       $1, $2, 1, $3, $4::ledger.job_state, ''::bytea, 60000, '', 1, case when $4 = 'dead' then 1 else 0 end,
       at, at, at, at,
       case when $4 = 'dead' then '{"code": "INTERNAL", "message": "out of luck", "retryable": false}'::jsonb end,
       case when $4 = 'dead' then 'f-' || $2 end
     from (select i, $5::timestamptz - i * interval '100 milliseconds' as at from generate_series($6::integer, $7::integer) i) g`,
      [tenantId, kind, queue, state, newest, first, Math.min(count, first + portion - 1)],
    );
}
