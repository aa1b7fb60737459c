import type { DataSource } from 'typeorm';

/** Something of a tenant that has an id. */
export interface Found {
  type: 'job' | 'batch' | 'workflow' | 'schedule' | 'redrive';
  id: string;
  /** The kind of a job, the name of a batch or schedule; empty where there is none. */
  name: string;
  /** Of a job or redrive. */
  state: string | null;
}

/** What of the tenant has this id (a UUID), by primary keys alone; at most one of each type. */
export async function findById(dataSource: DataSource, tenantId: string, id: string): Promise<Found[]> {
  return dataSource.query<Found[]>(
    `select 'job' as type, id, kind as name, state::text from ledger.jobs where tenant_id = $1 and id = $2
     union all
     select case when is_workflow then 'workflow' else 'batch' end, id, name, null from ledger.batches where tenant_id = $1 and id = $2
     union all
     select 'schedule', id, name, null from ledger.schedules where tenant_id = $1 and id = $2
     union all
     select 'redrive', id, '', state from ledger.redrives where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
}

/** The kind that dies of this cause, if a dead job of the tenant does. */
export async function findFailure(
  dataSource: DataSource,
  tenantId: string,
  fingerprint: string,
): Promise<{ kind: string } | undefined> {
  const [found] = await dataSource.query<{ kind: string }[]>(
    `select kind from ledger.jobs where tenant_id = $1 and fingerprint = $2 and state = 'dead' limit 1`,
    [tenantId, fingerprint],
  );
  return found;
}
