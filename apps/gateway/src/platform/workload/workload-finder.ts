import type { OpenWorkload, WorkloadThing } from './workload.js';

/** What of all workloads has an id. */
export class WorkloadFinder {
  constructor(private readonly workloads: readonly Pick<OpenWorkload, 'find'>[]) {}

  async find(tenantId: string, id: string): Promise<WorkloadThing[]> {
    return (await Promise.all(this.workloads.map((workload) => workload.find(tenantId, id)))).flat();
  }
}
