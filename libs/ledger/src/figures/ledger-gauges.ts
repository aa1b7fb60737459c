import { catalogue } from '@roundhouse/contracts';
import { gauge } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { isMuted } from '../transitions/index.js';
import { available, contractLimit, readAllBuckets } from '../limits/index.js';

/** A million jobs may be held back; an alert needs no more than this of them. */
const mostWaiting = 100_000;
const mostTimers = 20_000;

/**
 * What only the ledger knows, read at every scrape of whoever calls this. Every query is a walk along the beginning of an
 * index, a row per queue, limit or bucket; what grows with the jobs is counted to an end.
 */
export function observeLedger(dataSource: DataSource): void {
  const groups = [...new Set(catalogue.kinds().flatMap((kind) => kind.concurrency.map((rule) => rule.group)))].sort();
  gauge('backlogAge', () => backlogAges(dataSource));
  gauge('failing', () => failing(dataSource));
  gauge('scheduleOverdue', () => scheduleOverdue(dataSource));
  gauge('slotsUsed', () => slotsUsed(dataSource, groups));
  gauge('slotsWaiting', () => slotsWaiting(dataSource, groups));
  gauge('slotsLimit', () => slotsLimits(dataSource, groups));
  gauge('rateTokens', () => rateTokens(dataSource));
}

async function backlogAges(dataSource: DataSource) {
  const rows = await dataSource.query<{ queue: string; value: number }[]>(
    `select q.queue, coalesce(extract(epoch from clock_timestamp() - o.dispatched_at), 0)::float8 as value
     from unnest($1::text[]) as q(queue) left join lateral (
       select dispatched_at from ledger.jobs j where j.state = 'queued' and j.queue = q.queue order by dispatched_at limit 1
     ) o on true`,
    [catalogue.queues()],
  );
  return rows.map(({ queue, value }) => ({ value: Math.max(0, value), labels: { queue } }));
}

/** Among the timers that end soonest, where the leases of what runs are too. */
async function failing(dataSource: DataSource) {
  const rows = await dataSource.query<{ kind: string; queue: string; reason: string; muted: boolean; value: number }[]>(
    `select j.kind, j.queue, coalesce(j.error->>'code', 'unknown') as reason, coalesce(${isMuted}, false) as muted, count(*)::float8 as value
     from (select * from ledger.jobs where due_at is not null order by due_at limit ${mostTimers}) j
     left join ledger.failure_marks m on m.tenant_id = j.tenant_id and m.fingerprint = j.fingerprint
     where j.state = 'retrying' group by 1, 2, 3, 4`,
  );
  return rows.map(({ value, muted, ...labels }) => ({ value, labels: { ...labels, muted: String(muted) } }));
}

async function scheduleOverdue(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ value: number }[]>(
    `select coalesce(extract(epoch from clock_timestamp() - min(next_fire_at)), 0)::float8 as value
     from ledger.schedules where enabled and next_fire_at < clock_timestamp()`,
  );
  return Math.max(0, row?.value ?? 0);
}

async function slotsUsed(dataSource: DataSource, groups: readonly string[]) {
  const rows = await dataSource.query<{ group: string; value: number }[]>(
    `select split_part(key, '|', 1) as "group", count(*)::float8 as value from ledger.slot_holds group by 1`,
  );
  const used = new Map(rows.map((row) => [row.group, row.value]));
  return groups.map((group) => ({ value: used.get(group) ?? 0, labels: { group } }));
}

async function slotsWaiting(dataSource: DataSource, groups: readonly string[]) {
  const rows = await dataSource.query<{ group: string; value: number }[]>(
    `select split_part(substr(blocked_on, 6), '|', 1) as "group", count(*)::float8 as value
     from (select blocked_on from ledger.jobs where state = 'blocked' limit ${mostWaiting}) w
     where blocked_on like 'slot:%' group by 1`,
  );
  const waiting = new Map(rows.map((row) => [row.group, row.value]));
  return groups.map((group) => ({ value: waiting.get(group) ?? 0, labels: { group } }));
}

/** As set at run time for all keys, by whichever tenant lets fewest run, else as the contract has it. */
async function slotsLimits(dataSource: DataSource, groups: readonly string[]) {
  const rows = await dataSource.query<{ name: string; value: number }[]>(
    `select name, min(max_running)::float8 as value from ledger.slot_limits where name = any($1::text[]) group by name`,
    [groups],
  );
  const set = new Map(rows.map((row) => [row.name, row.value]));
  return groups.map((group) => ({ value: set.get(group) ?? contractLimit(group)?.limit ?? 0, labels: { group } }));
}

async function rateTokens(dataSource: DataSource) {
  const buckets = await readAllBuckets(dataSource);
  return buckets.map((bucket) => {
    const at = bucket.key.lastIndexOf('|');
    const labels = { bucket: bucket.key.slice(0, at), tenant: bucket.key.slice(at + 1) };
    return { value: available(bucket, bucket.now), labels };
  });
}
