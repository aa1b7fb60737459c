import { Controller } from '@nestjs/common';
import type { RenderThumbnailRequest, RenderThumbnailResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { MeshStore } from '@roundhouse/mesh';
import { JobHandler } from '@roundhouse/rabbitmq';
import { join } from 'node:path';
import { EngineThreads } from '../engine/engine-threads.js';
import { MeshFiles } from '../work/mesh-files.js';
import { WorkFolder } from '../work/work-folder.js';

/** Draws a mesh. Drawn again, the picture replaces the one before. */
@Controller()
export class RenderThumbnailHandler {
  constructor(
    private readonly meshes: MeshStore,
    private readonly threads: EngineThreads,
    private readonly files: MeshFiles,
    private readonly work: WorkFolder,
  ) {}

  @JobHandler('mesh.render_thumbnail')
  async handle({ meshId }: RenderThumbnailRequest, ctx: JobContext): Promise<RenderThumbnailResult> {
    const mesh = await this.meshes.find(ctx.tenantId, meshId);
    if (!mesh) throw new JobFailure('NOT_FOUND', `There is no mesh ${meshId}`, { field: 'mesh_id' });
    const glb = mesh.files.find(({ format }) => format === 'glb');
    if (!glb)
      throw new JobFailure('FAILED_PRECONDITION', `The mesh is ${mesh.state}: there is nothing to draw`, {
        field: 'mesh_id',
      });
    return this.work.use(async (folder) => {
      const task = { glbPath: join(folder, 'mesh.glb'), thumbnailPath: join(folder, 'thumbnail.webp') };
      await this.files.copyTo(task.glbPath, glb.storageKey, ctx.signal);
      await this.threads.run('draw', task, ctx);
      const stored = await this.files.put(meshId, ctx, 'thumbnail', task.thumbnailPath);
      // undefined: an earlier attempt has kept its own.
      const kept = await ctx.tx('thumbnail', (tx) => this.meshes.addFile(tx, ctx.tenantId, meshId, stored));
      if (kept) return { storageKey: stored.storageKey, bytes: stored.bytes };
      await this.files.remove([stored]);
      const now = await this.meshes.find(ctx.tenantId, meshId);
      const earlier = now?.files.find(({ format }) => format === 'thumbnail');
      if (!earlier) return ctx.discard('The mesh was deleted meanwhile');
      return { storageKey: earlier.storageKey, bytes: earlier.bytes };
    });
  }
}
