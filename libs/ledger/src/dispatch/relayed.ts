import type { DataSource, EntityManager } from 'typeorm';
import { queryPrepared } from '../storage/index.js';

/**
 * Removes outbox rows that the broker has confirmed, and notes for the transactions that wrote them when that was: one row
 * for the whole batch, so that a job that waits can be told how long it has waited where. Answers the database's clock, in ms.
 * @param places `ctid`s of rows that the transaction has locked
 */
export async function removeRelayed(tx: EntityManager, places: readonly string[]): Promise<number | undefined> {
  const rows = await queryPrepared<{ now: number }>(
    tx,
    `with gone as (
       delete from ledger.outbox where ctid = any($1::tid[]) returning created_at
     ), noted as (
       insert into ledger.relayed (at, queued_at)
       select clock_timestamp(), array_agg(distinct created_at) from gone having count(*) > 0
       returning at
     )
     select (extract(epoch from at) * 1000)::float8 as now from noted`,
    [`{${places.map((place) => `"${place}"`).join(',')}}`],
  );
  return rows[0]?.now;
}

const keptHours = 6;

/** The notes are for jobs that wait now. */
export async function forgetRelayed(dataSource: DataSource): Promise<void> {
  await dataSource.query(`delete from ledger.relayed where at < now() - make_interval(hours => $1)`, [keptHours]);
}
