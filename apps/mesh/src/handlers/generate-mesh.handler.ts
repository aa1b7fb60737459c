import { Controller } from '@nestjs/common';
import type { GenerateMeshRequest, GenerateMeshResult } from '@roundhouse/contracts';
import { EarlyEnd, Interruption, JobFailure, type JobContext } from '@roundhouse/jobs';
import { MeshStore, type ImageSource, type NewMesh, type StoredMeshFile } from '@roundhouse/mesh';
import { JobHandler } from '@roundhouse/rabbitmq';
import { count, logLine, measure } from '@roundhouse/telemetry';
import { Engines } from '../engine/engines.js';
import type { MadeMesh } from '../engine/made-mesh.js';
import type { MeshEngine } from '../engine/mesh-engine.js';
import { ImageFiles } from '../work/image-files.js';
import { MeshFiles } from '../work/mesh-files.js';
import { WorkFolder } from '../work/work-folder.js';
import { meshResult } from './mesh-result.js';

/** Makes a mesh of an image and keeps its files; however often it runs, the mesh is kept once. */
@Controller()
export class GenerateMeshHandler {
  constructor(
    private readonly meshes: MeshStore,
    private readonly engines: Engines,
    private readonly images: ImageFiles,
    private readonly files: MeshFiles,
    private readonly work: WorkFolder,
  ) {}

  @JobHandler('mesh.generate')
  async handle(request: GenerateMeshRequest, ctx: JobContext): Promise<GenerateMeshResult> {
    const mesh = meshOf(request, ctx.jobId);
    const engine = this.engines.of(request.options);
    const begun = await this.meshes.begin(ctx.tenantId, mesh, ctx.jobId, request.meshId === '');
    const result = begun ? await this.make(mesh, engine, ctx) : await this.madeBefore(mesh.id, ctx);
    const { batchId, name } = request;
    ctx.followUp('mesh.render_thumbnail', { meshId: mesh.id });
    ctx.emit('mesh.generated', { meshId: mesh.id, batchId, name, triangleCount: result.triangleCount });
    return result;
  }

  private async make(mesh: NewMesh, engine: MeshEngine, ctx: JobContext): Promise<GenerateMeshResult> {
    const begin = performance.now();
    try {
      const result = await this.work.use(async (folder) => {
        const imagePath = await this.images.fetch(ctx.tenantId, mesh.source, folder, ctx.signal);
        const made = await engine.make(
          { imagePath, folder, name: mesh.name || 'mesh', options: mesh.options },
          { job: ctx, signal: ctx.signal, onProgress: (share, message) => ctx.progress(share * 95, message) },
        );
        return this.keep(mesh.id, made, engine, (performance.now() - begin) / 1000, ctx);
      });
      const labels = { type: engine.name };
      measure('meshTime', result.seconds, labels);
      measure('meshTriangles', result.triangleCount, labels);
      return result;
    } catch (error) {
      if (EarlyEnd.in(error)) throw error;
      if (ctx.signal.aborted) await this.interrupted(mesh.id, ctx);
      // Whatever it made the work throw: the reason is what counts.
      ctx.signal.throwIfAborted();
      await this.failed(mesh.id, JobFailure.from(error), engine.name, ctx);
      throw error;
    }
  }

  /** Stores the files, then the row that refers to them. Files without a row are removed here, or in the end by the sweep. */
  private async keep(
    id: string,
    made: MadeMesh,
    engine: MeshEngine,
    seconds: number,
    ctx: JobContext,
  ): Promise<GenerateMeshResult> {
    ctx.progress(95, 'Storing');
    const stored: StoredMeshFile[] = [];
    logLine(ctx.log, 'mesh.made', { engine: engine.name, seconds, formats: made.files.map(({ format }) => format) });
    try {
      for (const { format, path } of made.files) stored.push(await this.files.put(id, ctx, format, path));
      ctx.signal.throwIfAborted();
      const result = meshResult(id, made, engine, stored, seconds);
      const kept = await ctx.tx(`mesh:${id}`, (tx) => this.meshes.succeed(tx, ctx.tenantId, ctx.jobId, result, stored));
      if (kept) return result;
    } catch (error) {
      await this.files.remove(stored);
      throw error;
    }
    await this.files.remove(stored);
    return this.madeBefore(id, ctx);
  }

  /** Another attempt of this job may have kept the mesh and died before it could say so. */
  private async madeBefore(id: string, ctx: JobContext): Promise<GenerateMeshResult> {
    const mesh = await this.meshes.find(ctx.tenantId, id);
    if (mesh?.state === 'succeeded' && mesh.jobId === ctx.jobId && mesh.result) return mesh.result;
    return ctx.discard(mesh ? `The mesh is ${mesh.state} and not this job's any more` : 'The mesh was deleted');
  }

  private async failed(
    id: string,
    { code, field, retryable }: JobFailure,
    type: string,
    ctx: JobContext,
  ): Promise<void> {
    count('meshFailures', { type, reason: code });
    if (field && !retryable) await this.meshes.noteFault(ctx.tenantId, id, ctx.jobId, field);
  }

  private async interrupted(id: string, { signal, tenantId }: JobContext): Promise<void> {
    const { reason } = signal;
    if (reason instanceof Interruption && reason.reason === 'cancelled') await this.meshes.cancel(tenantId, { id });
  }
}

function meshOf({ meshId, batchId, source, name, options }: GenerateMeshRequest, jobId: string): NewMesh {
  if (!source) throw new JobFailure('INVALID_INPUT', 'Give a storage_key or an image_url', { field: 'source' });
  const image: ImageSource = source.$case === 'imageUrl' ? { imageUrl: source.value } : { storageKey: source.value };
  return { id: meshId || jobId, batchId: batchId || undefined, name, source: image, options };
}
