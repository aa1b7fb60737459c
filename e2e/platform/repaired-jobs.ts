import { ProbeRequest } from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';

/**
 * What made these probe jobs die is repaired: they succeed when they are redriven. Rows are locked in id order, as the ledger does: claims
 * of deliveries that were sent twice lock the same ones.
 */
export async function repairJobs(ledger: DataSource, ids: readonly string[]): Promise<void> {
  const payload = Buffer.from(ProbeRequest.encode(ProbeRequest.fromPartial({ text: 'repaired' })).finish());
  await ledger.query(
    `with locked as materialized (select id from ledger.jobs where id = any($1::uuid[]) order by id for update)
     update ledger.jobs j set payload = $2 from locked where j.id = locked.id`,
    [ids, payload],
  );
}
