import { Controller } from '@nestjs/common';
import { GenerateMeshRequest, type RetryMeshRequest, type RetryMeshResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { MeshStore, type Mesh } from '@roundhouse/mesh';
import { JobHandler } from '@roundhouse/rabbitmq';

/** Queues a failed or cancelled mesh again; its new job comes with this one's outcome. */
@Controller()
export class RetryMeshHandler {
  constructor(private readonly meshes: MeshStore) {}

  @JobHandler('mesh.retry')
  async handle({ meshId }: RetryMeshRequest, ctx: JobContext): Promise<RetryMeshResult> {
    const queued = await ctx.tx('requeue', (tx) => this.meshes.requeue(tx, ctx.tenantId, meshId));
    const mesh = queued ?? (await this.meshes.find(ctx.tenantId, meshId));
    if (!mesh) throw new JobFailure('NOT_FOUND', `There is no mesh ${meshId}`, { field: 'mesh_id' });
    // Without a job it waits for the one that an earlier attempt of this job was to bring.
    if (mesh.state !== 'queued' || mesh.jobId !== null) return { retried: false };
    ctx.followUp('mesh.generate', requestFor(mesh));
    return { retried: true };
  }
}

function requestFor({ id, batchId, name, storageKey, imageUrl, options }: Mesh): GenerateMeshRequest {
  return {
    meshId: id,
    batchId: batchId ?? '',
    name,
    options,
    source:
      storageKey !== null ? { $case: 'storageKey', value: storageKey } : { $case: 'imageUrl', value: imageUrl ?? '' },
  };
}
