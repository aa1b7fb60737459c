import type { DataSource, EntityManager } from 'typeorm';
import type { LockedJob } from '../records/index.js';

export type PauseScope = 'queue' | 'kind' | 'tenant';

/** Of a tenant's own, or of "*": set by operators, it holds for all tenants (`tenant`: for the one that it names). */
export interface Pause {
  tenant_id: string;
  scope: PauseScope;
  value: string;
  reason: string;
  paused_by: string;
  paused_at: Date;
}

export const pauseWait = (pause: Pick<Pause, 'scope' | 'value' | 'tenant_id'>): string =>
  `pause:${pause.scope}:${pause.value}:${pause.tenant_id}`;

/** What is paused right now. Read inside the claim's transaction, so a pause holds from the next claim on. */
export async function readPauses(db: DataSource | EntityManager, tenantId?: string): Promise<Pause[]> {
  return db.query<Pause[]>(
    `select tenant_id, scope, value, reason, paused_by, paused_at from ledger.pauses where $1::text is null or tenant_id in ($1, '*') order by paused_at`,
    [tenantId ?? null],
  );
}

/** The pause that holds a job back. */
export function pauseOf(
  job: Pick<LockedJob, 'tenantId' | 'queue' | 'kind'>,
  pauses: readonly Pause[],
): Pause | undefined {
  const values: Record<PauseScope, string> = { tenant: job.tenantId, queue: job.queue, kind: job.kind };
  return pauses.find(
    ({ tenant_id: owner, scope, value }) => (owner === job.tenantId || owner === '*') && value === values[scope],
  );
}

export async function pause(db: DataSource | EntityManager, pause: Omit<Pause, 'paused_at'>): Promise<void> {
  await db.query(
    `insert into ledger.pauses (tenant_id, scope, value, reason, paused_by) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, scope, value) do update set reason = excluded.reason`,
    [pause.tenant_id, pause.scope, pause.value, pause.reason, pause.paused_by],
  );
}

/** False: it was not paused. Waiting jobs are sent out by the reconciler within a second. */
export async function resume(
  db: DataSource | EntityManager,
  { tenant_id, scope, value }: Pick<Pause, 'tenant_id' | 'scope' | 'value'>,
): Promise<boolean> {
  const rows = await db.query<unknown[]>(
    `with gone as (delete from ledger.pauses where tenant_id = $1 and scope = $2 and value = $3 returning 1) select * from gone`,
    [tenant_id, scope, value],
  );
  return rows.length > 0;
}
