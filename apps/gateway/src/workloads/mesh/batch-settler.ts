import { BatchStates, keyedLimits, removeLimit } from '@roundhouse/ledger';
import { MeshBatchStore } from '@roundhouse/mesh';
import type { DataSource } from 'typeorm';
import type { LedgerEngine } from '../../platform/engine/index.js';
import { batchLimitGroup, batchOfLimit } from './batch-limit.js';

/**
 * Cancels batches of meshes whose own job is dead or was cancelled as a job, which no handler hears of: they would wait for it for
 * ever. And takes back the limits of those that are over.
 */
export class MeshBatchSettler {
  private readonly batches: MeshBatchStore;
  private readonly states: BatchStates;

  constructor(
    private readonly database: DataSource,
    private readonly engine: LedgerEngine,
  ) {
    this.batches = new MeshBatchStore(database);
    this.states = new BatchStates(database);
  }

  async settleAll(): Promise<void> {
    // Read before the batches: a limit that is set meanwhile belongs to one that has just begun.
    const limits = await keyedLimits(this.database, batchLimitGroup);
    const active = (await this.batches.active()).flatMap(({ jobs, ...batch }) => (jobs ? [{ ...batch, jobs }] : []));
    const first = await this.states.firstJobs(active.map(({ jobs }) => jobs));
    for (const { id, tenantId, jobs } of active) {
      const own = first.get(jobs);
      if (own !== 'dead' && own !== 'cancelled') continue;
      await this.batches.cancel(tenantId, id);
      await this.engine.batchCancellation.request(tenantId, jobs);
    }
    await this.removeLimits(limits, new Set(active.map(({ id }) => id)));
  }

  /** Of batches that are over. */
  private async removeLimits(
    limits: Awaited<ReturnType<typeof keyedLimits>>,
    active: ReadonlySet<string>,
  ): Promise<void> {
    for (const { owner, ...name } of limits) {
      const id = batchOfLimit(name);
      if (id && !active.has(id)) await removeLimit(this.database.manager, owner, name);
    }
  }
}
