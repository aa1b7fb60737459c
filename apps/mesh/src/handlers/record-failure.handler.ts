import { Controller } from '@nestjs/common';
import {
  ErrorCode,
  GenerateMeshRequest,
  type RecordFailureRequest,
  type RecordFailureResult,
} from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { MeshStore } from '@roundhouse/mesh';
import { JobHandler } from '@roundhouse/rabbitmq';

/**
 * A mesh's job has died, whatever of: its handler said why, its worker was killed too often, or its deadline has passed. That
 * is noted with the mesh here and nowhere else.
 */
@Controller()
export class RecordFailureHandler {
  constructor(private readonly meshes: MeshStore) {}

  @JobHandler('mesh.record_failure')
  async handle({ jobId, payload, error }: RecordFailureRequest, ctx: JobContext): Promise<RecordFailureResult> {
    const { meshId, batchId, name, source, options } = GenerateMeshRequest.decode(payload);
    const id = meshId || jobId;
    const failure = {
      code: ErrorCode[error?.code ?? ErrorCode.INTERNAL] ?? 'INTERNAL',
      message: error?.message || 'The job died without saying why',
      field: error?.field || null,
    };
    if (meshId === '' && source) {
      // It may have died before its worker could note the mesh.
      const image = source.$case === 'imageUrl' ? { imageUrl: source.value } : { storageKey: source.value };
      await this.meshes.add(ctx.tenantId, { id, name, source: image, options }, jobId);
    }
    const recorded = await this.meshes.fail(ctx.tenantId, id, jobId, failure);
    if (recorded) ctx.emit('mesh.failed', { meshId: id, batchId, name, code: failure.code, message: failure.message });
    return { recorded };
  }
}
