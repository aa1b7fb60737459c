import { Controller } from '@nestjs/common';
import type { CleanupFailedRequest, CleanupFailedResult } from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { MeshUpkeepStore } from '@roundhouse/mesh';
import { JobHandler } from '@roundhouse/rabbitmq';
import { ownTenantOnly } from './operator.js';

const perStatement = 500;
const defaultDays = 7;

/** Removes failed meshes, and tasks of external engines, that are old: of every tenant for the operator, else of the tenant who asks. */
@Controller()
export class CleanupFailedHandler {
  constructor(private readonly upkeep: MeshUpkeepStore) {}

  @JobHandler('mesh.cleanup_failed')
  async handle({ olderThanDays }: CleanupFailedRequest, ctx: JobContext): Promise<CleanupFailedResult> {
    const before = new Date(Date.now() - (olderThanDays || defaultDays) * 86_400_000);
    const tenantId = ownTenantOnly(ctx.tenantId);
    await this.upkeep.forgetEngineTasks(new Date(Date.now() - defaultDays * 86_400_000), tenantId);
    let meshes = 0;
    for (;;) {
      ctx.signal.throwIfAborted();
      const deleted = await this.upkeep.deleteFailed(before, tenantId, perStatement);
      meshes += deleted;
      if (deleted < perStatement) return { meshes };
    }
  }
}
