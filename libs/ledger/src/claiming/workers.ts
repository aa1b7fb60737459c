import type { WorkerHeartbeat } from '@roundhouse/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { isJobId } from '../records/index.js';

export interface WorkerRecord {
  id: string;
  service: string;
  version: string;
  host: string;
  pid: number;
  queues: string[];
  running: number;
  stopping: boolean;
  seen_at: Date;
}

export async function recordWorker(tx: EntityManager, beat: WorkerHeartbeat): Promise<void> {
  await tx.query(
    `insert into ledger.workers (id, service, version, host, pid, queues, running, stopping, held, seen_at)
     values ($1, $2, $3, $4, $5, $6::text[], $7, $8, $9::uuid[], clock_timestamp())
     on conflict (id) do update
     set running = excluded.running, stopping = excluded.stopping, held = excluded.held, seen_at = excluded.seen_at`,
    [
      beat.workerId,
      beat.service,
      beat.version,
      beat.host,
      beat.pid,
      beat.queues,
      beat.running.length,
      beat.stopping,
      beat.heldJobIds.filter(isJobId),
    ],
  );
}

/** Workers heard of in the last minute. */
export async function liveWorkers(dataSource: DataSource): Promise<WorkerRecord[]> {
  return dataSource.query<WorkerRecord[]>(
    `select id, service, version, host, pid, queues, running, stopping, seen_at from ledger.workers
     where seen_at > clock_timestamp() - interval '1 minute' order by service, id`,
  );
}

export async function forgetWorkers(dataSource: DataSource): Promise<void> {
  await dataSource.query(`delete from ledger.workers where seen_at < clock_timestamp() - interval '1 day'`);
}
