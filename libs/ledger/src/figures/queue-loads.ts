import type { DataSource } from 'typeorm';

/** What waits in a queue. */
export interface QueueLoad {
  queue: string;
  queued: number;
  /** When the longest waiting one was sent out or was to be. */
  oldest: Date | null;
  /** The queue, of all tenants, is longer than what was looked at: there may be more. */
  more: boolean;
}

export interface StateLoad {
  queue: string;
  state: 'running' | 'blocked' | 'scheduled' | 'retrying';
  count: number;
}

export interface RunningJob {
  id: string;
  kind: string;
  queue: string;
  worker_id: string;
  attempt: number;
  started_at: Date;
  progress: number | null;
}

/**
 * Jobs looked at, of all tenants, in a queue or a state. There is no index by tenant and state, as every job would pay for it;
 * so the beginning of the ledger's own indexes is read, and a tenant with nothing to do costs no more than one with much.
 */
export const loadCap = 10_000;
const shownRunning = 200;

/** Jobs that are queued, per queue: among those that wait longest. */
export async function queuedLoads(
  dataSource: DataSource,
  tenantId: string,
  queues: readonly string[],
): Promise<QueueLoad[]> {
  return dataSource.query<QueueLoad[]>(
    `select q.queue, n.*
     from unnest($2::text[]) as q(queue),
     lateral (
       select count(*) filter (where w.tenant_id = $1)::integer as queued, count(*) = ${loadCap} as more,
              min(w.dispatched_at) filter (where w.tenant_id = $1) as oldest
       from (select j.tenant_id, j.dispatched_at from ledger.jobs j where j.state = 'queued' and j.queue = q.queue
             order by j.dispatched_at limit ${loadCap}) w
     ) n`,
    [tenantId, queues],
  );
}

// Whatever waits for a time, the soonest first: running jobs, whose leases end within half a minute, are in front.
const timers = `(select * from ledger.jobs where due_at is not null order by due_at limit ${2 * loadCap})`;

/**
 * Jobs in the other states that are not final, per queue: among those whose timer ends soonest, and among those that are
 * blocked in the order in which they are found.
 */
export async function otherLoads(dataSource: DataSource, tenantId: string): Promise<StateLoad[]> {
  return dataSource.query<StateLoad[]>(
    `select queue, state, count(*)::integer as count from (
       select queue, state from ${timers} t where t.tenant_id = $1 and state in ('running', 'scheduled', 'retrying')
       union all
       select queue, state from (select tenant_id, queue, state from ledger.jobs where state = 'blocked' limit ${loadCap}) b
       where b.tenant_id = $1
     ) j group by queue, state`,
    [tenantId],
  );
}

/** What runs now, the longest running first. */
export async function runningJobs(dataSource: DataSource, tenantId: string): Promise<RunningJob[]> {
  return dataSource.query<RunningJob[]>(
    `select id, kind, queue, worker_id, attempt, started_at, progress from ${timers} j
     where state = 'running' and tenant_id = $1 order by started_at limit ${shownRunning}`,
    [tenantId],
  );
}
