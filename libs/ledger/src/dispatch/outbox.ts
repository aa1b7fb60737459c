import type { EntityManager } from 'typeorm';
import { queryPrepared } from '../storage/index.js';

/** A row of the outbox together with the job it sends out. */
export interface OutboxRow {
  outbox_id: string;
  /** Where the row lies: nobody moves it while the transaction holds its lock. */
  place: string;
  delay_ms: number;
  id: string;
  tenant_id: string;
  kind: string;
  version: number;
  queue: string;
  payload: Buffer;
  timeout_ms: number;
  created_at: Date;
  traceparent: string;
  /** False: the job has come to its end meanwhile, or is running; there is nothing to deliver. */
  live: boolean;
  /** No attempt has been made yet. */
  fresh: boolean;
  /** From here on it counts as under way: a delivery of a queued job, whatever has become of the job meanwhile. */
  counted: boolean;
}

/** Where deliveries of one tenant wait for one queue. */
export interface Lane {
  queue: string;
  tenant_id: string;
}

export interface WaitingLane extends Lane {
  /** Of its first row. */
  priority: number;
}

const maxLanes = 1_000;

/** Every lane with work, found by hopping from one to the next in the index: a million rows may share one. */
export async function readLanes(tx: EntityManager): Promise<WaitingLane[]> {
  return queryPrepared<WaitingLane>(
    tx,
    `with recursive lane as (
       (select queue, tenant_id, priority from ledger.outbox where delay_ms = 0 order by queue, tenant_id, priority desc, id limit 1)
       union all
       select n.queue, n.tenant_id, n.priority from lane l cross join lateral (
         select o.queue, o.tenant_id, o.priority from ledger.outbox o
         where o.delay_ms = 0 and (o.queue, o.tenant_id) > (l.queue, l.tenant_id)
         order by o.queue, o.tenant_id, o.priority desc, o.id limit 1
       ) n
     )
     select queue, tenant_id, priority from lane limit ${maxLanes}`,
  );
}

/** Locks up to `limit` rows of each lane, highest priority first, then oldest; and retries on their way to wait queues. */
export async function lockOutbox(
  tx: EntityManager,
  shares: readonly (Lane & { limit: number })[],
  delayedLimit: number,
): Promise<OutboxRow[]> {
  return queryPrepared<OutboxRow>(
    tx,
    `with due as (
       select o.id, o.place, o.job_id, o.delay_ms from unnest($1::text[], $2::text[], $3::integer[]) as l(queue, tenant_id, n)
       cross join lateral (
         select id, ctid as place, job_id, delay_ms from ledger.outbox o
         where o.delay_ms = 0 and o.queue = l.queue and o.tenant_id = l.tenant_id
         order by o.priority desc, o.id limit l.n for update skip locked
       ) o
     ), delayed as (
       select id, ctid as place, job_id, delay_ms from ledger.outbox where delay_ms > 0 order by id limit $4 for update skip locked
     ), picked as (
       select * from due union all select * from delayed
     )
     select o.id as outbox_id, o.place, o.delay_ms, j.*
     from picked o cross join lateral (
       -- One look-up a row: the planner, who cannot know how few rows are picked, would rather read the whole table.
       select id, tenant_id, kind, version, queue, payload, timeout_ms, created_at, traceparent, priority,
              state in ('queued', 'retrying') as live, attempt = 0 as fresh,
              o.delay_ms = 0 and state <> 'retrying' as counted
       from ledger.jobs where id = o.job_id offset 0
     ) j
     order by j.priority desc, o.id`,
    [shares.map((s) => s.queue), shares.map((s) => s.tenant_id), shares.map((s) => s.limit), delayedLimit],
  );
}

/**
 * Divides what a queue has room for evenly among its tenants, and a batch among the queues. A tenant with a million rows
 * gets no more of a turn than one with ten.
 */
export function shareOut(
  lanes: readonly Lane[],
  room: ReadonlyMap<string, number>,
  batchSize: number,
): (Lane & { limit: number })[] {
  const perQueue = new Map<string, Lane[]>();
  for (const lane of lanes) perQueue.set(lane.queue, [...(perQueue.get(lane.queue) ?? []), lane]);
  const open = [...perQueue].filter(([queue]) => (room.get(queue) ?? 0) > 0);
  return open.flatMap(([queue, tenants]) => {
    const share = Math.min(room.get(queue) as number, Math.ceil(batchSize / open.length));
    const each = Math.max(1, Math.floor(share / tenants.length));
    // Too little room for everybody: a random few go first, so that over several turns all have theirs.
    const served = share >= tenants.length ? tenants : pick(tenants, share);
    return served.map((lane) => ({ ...lane, limit: each }));
  });
}

function pick<T>(items: readonly T[], n: number): T[] {
  const start = Math.floor(Math.random() * items.length);
  return Array.from({ length: Math.max(1, Math.floor(n)) }, (_, i) => items[(start + i) % items.length] as T);
}
