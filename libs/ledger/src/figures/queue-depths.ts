import { catalogue } from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';

/** What the ledger holds of a queue, of all tenants. */
export interface LedgerQueue {
  queue: string;
  /** Queued jobs: in the outbox, at the broker or in a worker's hands. */
  queued: number;
  /** Of those, not yet sent to the broker. */
  in_outbox: number;
}

/** No count goes beyond this. */
export const queueDepthCap = 20_000;

export async function readQueueDepths(dataSource: DataSource): Promise<LedgerQueue[]> {
  return dataSource.query<LedgerQueue[]>(
    `select q.queue,
       (select count(*)::integer from (select from ledger.jobs j where j.state = 'queued' and j.queue = q.queue limit ${queueDepthCap}) a) as queued,
       (select count(*)::integer from (select from ledger.outbox o where o.queue = q.queue and o.delay_ms = 0 limit ${queueDepthCap}) b) as in_outbox
     from unnest($1::text[]) as q(queue)`,
    [catalogue.queues()],
  );
}
