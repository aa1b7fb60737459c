import type { DataSource } from 'typeorm';
import { writeAudit } from '../tenancy/index.js';
import { deadCondition, type DeadFilter } from './dead-filter.js';
import { inTransaction } from '../storage/index.js';

const batchSize = 5_000;

/**
 * Puts deaths out of sight. The jobs stay dead, and can be read and redriven one by one; lists, groups and filters pass
 * them over. Answers how many.
 */
export async function discardDead(
  dataSource: DataSource,
  tenantId: string,
  filter: DeadFilter & { jobId?: string },
  actor: string,
): Promise<number> {
  let total = 0;
  for (let n = batchSize; n === batchSize; total += n) n = await discardBatch(dataSource, tenantId, filter, actor);
  return total;
}

async function discardBatch(
  dataSource: DataSource,
  tenantId: string,
  { jobId, ...filter }: DeadFilter & { jobId?: string },
  actor: string,
): Promise<number> {
  const { sql, parameters } = deadCondition(tenantId, filter);
  const only = jobId === undefined ? '' : `and j.id = $${parameters.length + 1}`;
  return inTransaction(dataSource, async (tx) => {
    const [row] = await tx.query<{ count: number }[]>(
      `with found as (
         select j.id, j.attempt from ledger.jobs j where ${sql} ${only} order by j.id limit ${batchSize} for update
       ), gone as (
         update ledger.jobs j set discarded_at = clock_timestamp() from found where j.id = found.id returning j.id
       ), noted as (
         insert into ledger.job_history (job_id, type, attempt, at) select id, 'discarded', attempt, clock_timestamp() from found
       )
       select count(*)::integer as count from gone`,
      jobId === undefined ? parameters : [...parameters, jobId],
    );
    const count = row?.count ?? 0;
    if (count > 0) {
      const subject = jobId ?? 'filter';
      await writeAudit(tx, { tenantId, actor, action: 'dead.discard', subject, detail: { filter, count } });
    }
    return count;
  });
}
