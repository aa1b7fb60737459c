import type { DataSource } from 'typeorm';

/**
 * Takes the suspicion from jobs that went down with one of these, now that it was shown to be the cause: they need not run alone any more. Those that somebody is
 * working on are left to it; running alone does them no harm.
 */
export async function clearSuspects(dataSource: DataSource, guilty: readonly string[]): Promise<void> {
  if (guilty.length === 0) return;
  await dataSource.query(
    `with crashed as (
       select distinct detail->>'worker' as worker from ledger.job_history where job_id = any($1::uuid[]) and type = 'running'
     ), neighbours as (
       select j.id from ledger.jobs j
       where j.crashes > 0 and j.state not in ('succeeded', 'dead', 'cancelled') and exists (
         select from ledger.job_history h join crashed c on c.worker = h.detail->>'worker'
         where h.job_id = j.id and h.type = 'running')
       order by j.id for update of j skip locked
     )
     update ledger.jobs j set crashes = 0, lone_crashes = 0 from neighbours n where j.id = n.id`,
    [guilty],
  );
}
