import type { DataSource } from 'typeorm';

/** What a job belongs to and waits for. */
export interface JobLinks {
  batch: { id: string; name: string; workflow: boolean; ref: string | null } | undefined;
  /** Jobs that it waits or waited for. */
  dependencies: { id: string; ref: string; kind: string; state: string; met: boolean }[];
  /** Jobs that wait or waited for it. */
  dependents: { id: string; ref: string; kind: string; state: string }[];
}

const mostDependencies = 200;

export async function readJobLinks(dataSource: DataSource, tenantId: string, id: string): Promise<JobLinks> {
  const [batches, dependencies, dependents] = await Promise.all([
    dataSource.query<NonNullable<JobLinks['batch']>[]>(
      `select b.id, b.name, b.is_workflow as workflow, j.workflow_ref as ref
       from ledger.jobs j join ledger.batches b on b.id = j.batch_id where j.id = $1 and j.tenant_id = $2`,
      [id, tenantId],
    ),
    dataSource.query<JobLinks['dependencies']>(
      `select o.id, d.ref, o.kind, o.state, d.met from ledger.dependencies d join ledger.jobs o on o.id = d.depends_on
       where d.job_id = $1 and o.tenant_id = $2 order by o.id limit ${mostDependencies}`,
      [id, tenantId],
    ),
    dataSource.query<JobLinks['dependents']>(
      `select o.id, coalesce(o.workflow_ref, '') as ref, o.kind, o.state from ledger.dependencies d
       join ledger.jobs o on o.id = d.job_id where d.depends_on = $1 and o.tenant_id = $2 order by o.id limit ${mostDependencies}`,
      [id, tenantId],
    ),
  ]);
  return { batch: batches[0], dependencies, dependents };
}
