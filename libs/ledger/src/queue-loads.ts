import type { DataSource } from 'typeorm';

/** What waits in a queue. */
export interface QueueLoad {
  queue: string;
  /** Counted up to `loadCap`. */
  queued: number;
  /** When the longest waiting one was sent out or was to be. */
  oldest: Date | null;
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

export const loadCap = 10_000;
const shownRunning = 200;

/** Jobs that are queued, per queue. */
export async function queuedLoads(
  dataSource: DataSource,
  tenantId: string,
  queues: readonly string[],
): Promise<QueueLoad[]> {
  return dataSource.query<QueueLoad[]>(
    `select q.queue, n.queued, o.oldest
     from unnest($2::text[]) as q(queue),
     lateral (select count(*)::integer as queued from (
       select from ledger.jobs j where j.state = 'queued' and j.queue = q.queue and j.tenant_id = $1 limit ${loadCap}) c) n,
     lateral (select min(dispatched_at) as oldest from (
       select j.dispatched_at from ledger.jobs j where j.state = 'queued' and j.queue = q.queue and j.tenant_id = $1
       order by j.dispatched_at limit 1) f) o`,
    [tenantId, queues],
  );
}

/**
 * Jobs in the other states that are not final, per queue. Each state is read through the index that the ledger has for its
 * own work: those that run or wait for a time have a timer, those that are blocked have one by what blocks them.
 */
export async function otherLoads(dataSource: DataSource, tenantId: string): Promise<StateLoad[]> {
  return dataSource.query<StateLoad[]>(
    `select queue, state, count(*)::integer as count from (
       (select queue, state from ledger.jobs where state = 'running' and due_at is not null and tenant_id = $1 limit ${loadCap})
       union all
       (select queue, state from ledger.jobs where state = 'blocked' and tenant_id = $1 limit ${loadCap})
       union all
       (select queue, state from ledger.jobs where state in ('scheduled', 'retrying') and tenant_id = $1 limit ${loadCap})
     ) j group by queue, state`,
    [tenantId],
  );
}

/** What runs now, the longest running first. */
export async function runningJobs(dataSource: DataSource, tenantId: string): Promise<RunningJob[]> {
  return dataSource.query<RunningJob[]>(
    `select id, kind, queue, worker_id, attempt, started_at, progress from (
       select * from ledger.jobs where state = 'running' and due_at is not null and tenant_id = $1 limit ${loadCap}
     ) j order by started_at limit ${shownRunning}`,
    [tenantId],
  );
}
