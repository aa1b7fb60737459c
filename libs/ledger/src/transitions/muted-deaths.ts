import type { EntityManager } from 'typeorm';
import type { LockedJob } from '../records/index.js';

/** SQL: the cause that row `m` of the marks is about is muted now. */
export const isMuted = `m.muted_at is not null and (m.muted_until is null or m.muted_until > clock_timestamp())`;

/** Those of these deaths that nobody wants to be told of. */
export async function mutedDeaths(tx: EntityManager, ended: Iterable<LockedJob>): Promise<LockedJob[]> {
  const deaths = [...ended].filter(({ status, fingerprint }) => status.state === 'dead' && fingerprint !== null);
  if (deaths.length === 0) return [];
  const rows = await tx.query<{ tenant_id: string; fingerprint: string }[]>(
    `select m.tenant_id, m.fingerprint from ledger.failure_marks m
     where (m.tenant_id, m.fingerprint) in (select * from unnest($1::text[], $2::text[])) and ${isMuted}`,
    [deaths.map((job) => job.tenantId), deaths.map((job) => job.fingerprint)],
  );
  const muted = new Set(rows.map((row) => `${row.tenant_id} ${row.fingerprint}`));
  return deaths.filter(({ tenantId, fingerprint }) => muted.has(`${tenantId} ${fingerprint}`));
}
