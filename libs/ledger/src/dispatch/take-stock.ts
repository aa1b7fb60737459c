import type { DataSource } from 'typeorm';
import type { Sighting } from './lookout.js';

/**
 * Every job that is under way: queued, and not in the outbox. Sets the sums of `Flights` right by what was counted: they go wrong when a process ends before
 * it has told what it saw. What processes have not told yet makes the two differ at any moment, so only what differs the same way twice is believed.
 */
export async function takeStock(dataSource: DataSource): Promise<Sighting[]> {
  return dataSource.query<Sighting[]>(
    `with under_way as materialized (
       select j.id, j.queue, j.dispatched_at from ledger.jobs j
       where j.state = 'queued' and not exists (select from ledger.outbox o where o.job_id = j.id)
     ), counted as (
       select queue, count(*) as n from under_way group by queue
     ), told as (
       select queue, sum(sent - landed) as n, sum(surplus) as before from ledger.flights group by queue
     ), surplus as (
       -- Positive: told of more than there are.
       select queue, coalesce(t.n, 0) - coalesce(c.n, 0) as n, coalesce(t.before, 0) as before from told t full join counted c using (queue)
     ), corrected as (
       insert into ledger.flights as f (process, queue, landed, surplus)
       select '', queue, believed, n - believed from (
         select *, case when n > 0 and before > 0 then least(n, before) when n < 0 and before < 0 then greatest(n, before) else 0 end as believed
         from surplus where n <> 0 or before <> 0
       ) s
       on conflict (process, queue) do update set landed = f.landed + excluded.landed, surplus = excluded.surplus, at = now()
     )
     select id, queue, date_part('epoch', dispatched_at) * 1000 as "dispatchedAt" from under_way`,
  );
}
