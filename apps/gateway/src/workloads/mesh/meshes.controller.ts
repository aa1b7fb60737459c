import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import { JobReader, type ApiKeyIdentity } from '@roundhouse/ledger';
import { MeshStore, type ImageSource, type Mesh } from '@roundhouse/mesh';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LedgerEngine } from '../../platform/engine/index.js';
import { actorOf, Identity, OpenBySignedLink, SignedLinks } from '../../platform/access/index.js';
import {
  FailureInterceptor,
  idSchema,
  nextSchema,
  Operation,
  pageFields,
  parse,
  parseId,
  Problem,
} from '../../platform/http/index.js';
import { idempotencyHeader } from '../../platform/submission/index.js';
import { jobAnswerSchema, uploadAnswerSchema, WorkloadJobs } from '../../platform/workload/index.js';
import { MeshStorage } from './mesh-storage.js';
import { sendFile } from './file-answer.js';
import { ImageUpload } from './image-upload.js';
import { fileFormats, optionsMessage, optionsPayload } from './mesh-fields.js';
import { formFieldsSchema, meshFormSchema, meshRequestSchema } from './mesh-requests.js';
import { meshSchema, meshView } from './mesh-view.js';

const route = 'POST /v1/meshes';
const contentTypes: Record<string, string> = { glb: 'model/gltf-binary', stl: 'model/stl', obj: 'model/obj' };

const listQuery = z.strictObject({
  batch_id: idSchema.optional(),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']).optional(),
  ...pageFields,
});

const createdSchema = uploadAnswerSchema.extend({ id: z.uuid().describe("The mesh's id") }).meta({ id: 'MeshAnswer' });

const missing = (id: string) => new Problem('not_found', `There is no mesh ${id}`);

@Controller('v1/meshes')
@UseInterceptors(FailureInterceptor)
export class MeshesController {
  constructor(
    private readonly jobs: WorkloadJobs,
    private readonly upload: ImageUpload,
    private readonly meshes: MeshStore,
    @MeshStorage() private readonly storage: FileStorage,
    private readonly links: SignedLinks,
    private readonly reader: JobReader,
    private readonly engine: LedgerEngine,
  ) {}

  @Post()
  @HttpCode(202)
  @Operation({
    summary:
      'Make a mesh of an image: uploaded with the request (multipart/form-data), before, or at a URL (application/json)',
    tag: 'meshes',
    scope: 'jobs:write',
    body: meshRequestSchema,
    otherBodies: { 'multipart/form-data': meshFormSchema },
    status: 202,
    headers: idempotencyHeader,
    response: { description: 'The mesh and its job', schema: createdSchema },
  })
  async create(@Body() body: unknown, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    if (!request.isMultipart()) {
      const { name, options, storage_key: storageKey, image_url: imageUrl } = parse(meshRequestSchema, body, 'body');
      const source = imageUrl === undefined ? { storageKey: storageKey! } : { imageUrl };
      return this.submit(name, source, options, identity, request);
    }
    const { fields, images } = await this.upload.receive(request, identity.tenantId, 1);
    const { name, options } = parse(formFieldsSchema, fields, 'body');
    const [image] = images;
    if (!image)
      throw new Problem('invalid_request', 'The form has no file', {
        errors: [{ path: 'file', message: 'is missing' }],
      });
    return this.submit(name || image.name, { storageKey: image.storageKey }, options, identity, request);
  }

  @Get()
  @Operation({
    summary: 'List meshes, newest first',
    tag: 'meshes',
    scope: 'jobs:read',
    query: listQuery,
    response: { description: 'A page', schema: z.object({ meshes: z.array(meshSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { batch_id: batchId, state, ...page } = parse(listQuery, query, 'query');
    const { rows, nextCursor } = await this.meshes.page(tenantId, { batchId, state }, page);
    return { meshes: rows.map((mesh) => meshView(mesh, this.links)), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a mesh',
    tag: 'meshes',
    scope: 'jobs:read',
    response: { description: 'The mesh, with links to its files', schema: meshSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return meshView(await this.find(tenantId, id), this.links);
  }

  @Get(':id/files/:format')
  @OpenBySignedLink()
  @Operation({
    summary: 'Download a file of a mesh, or a part of it (Range)',
    tag: 'meshes',
    scope: 'jobs:read',
    headers: { Range: 'bytes=0-1023', 'If-Range': 'ETag of the part that is there', 'If-None-Match': 'ETag' },
    response: { description: 'The file', contentType: 'model/gltf-binary' },
  })
  async download(
    @Param('id') id: string,
    @Param('format') format: string,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const mesh = await this.find(tenantId, id);
    const file = mesh.files.find((f) => f.format === format && (fileFormats as readonly string[]).includes(format));
    if (!file) throw new Problem('not_found', `The mesh has no ${format.slice(0, 20)} file; it is ${mesh.state}`);
    const stem = mesh.name.replace(/\.[A-Za-z0-9]{1,5}$/, '') || 'mesh';
    await sendFile(
      this.storage,
      { ...file, contentType: contentTypes[format]!, fileName: `${stem}.${format}` },
      request,
      reply,
    );
  }

  @Get(':id/thumbnail')
  @OpenBySignedLink()
  @Operation({
    summary: 'A picture of a mesh, 512 × 512',
    tag: 'meshes',
    scope: 'jobs:read',
    response: { description: 'The picture', contentType: 'image/webp' },
  })
  async thumbnail(
    @Param('id') id: string,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ) {
    const mesh = await this.find(tenantId, id);
    const file = mesh.files.find(({ format }) => format === 'thumbnail');
    if (!file) throw new Problem('not_found', 'The mesh has no picture yet');
    await sendFile(this.storage, { ...file, contentType: 'image/webp' }, request, reply);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Operation({
    summary: 'Make a failed or cancelled mesh again',
    tag: 'meshes',
    scope: 'jobs:write',
    status: 202,
    headers: idempotencyHeader,
    response: { description: 'The job that sees to it', schema: jobAnswerSchema },
  })
  async retry(@Param('id') id: string, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    const mesh = await this.find(identity.tenantId, id);
    if (mesh.state !== 'failed' && mesh.state !== 'cancelled')
      throw new Problem('conflict', `The mesh is ${mesh.state}: only one that failed or was cancelled is made again`);
    return this.jobs.submit('mesh.retry', { mesh_id: mesh.id }, `POST /v1/meshes/${mesh.id}/retry`, identity, request);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Operation({
    summary: 'Cancel a mesh that is not over',
    tag: 'meshes',
    scope: 'jobs:cancel',
    status: 202,
    response: { description: 'The mesh', schema: meshSchema },
  })
  async cancel(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    const mesh = await this.find(identity.tenantId, id);
    if ((await this.stop(mesh, identity)) === 0) throw new Problem('conflict', `The mesh is ${mesh.state} already`);
    return meshView(await this.find(identity.tenantId, id), this.links);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Remove a mesh with its files; one that is not over is cancelled first',
    tag: 'meshes',
    scope: 'jobs:write',
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    const mesh = await this.find(identity.tenantId, id);
    await this.stop(mesh, identity);
    const removed = await this.meshes.delete(identity.tenantId, mesh.id);
    // A file that stays is an orphan and goes with the weekly sweep.
    await Promise.allSettled((removed?.files ?? []).map(({ storageKey }) => this.storage.delete(storageKey)));
  }

  private async submit(
    name: string,
    source: ImageSource,
    options: Parameters<typeof optionsPayload>[0],
    identity: ApiKeyIdentity,
    request: FastifyRequest,
  ) {
    const message = optionsMessage(options);
    const image = source.imageUrl === undefined ? { storage_key: source.storageKey } : { image_url: source.imageUrl };
    const payload = { name, ...image, options: optionsPayload(options) };
    const answer = await this.jobs.submitShared('mesh.generate', payload, route, identity, request);
    const id = answer.job_id as string;
    // The worker would note it as well; so it is in the list at once.
    await this.meshes.add(identity.tenantId, { id, name, source, options: message }, id);
    return { id, ...answer };
  }

  /** Answers how many meshes that changed: one or none. */
  private async stop({ id, jobId }: Mesh, identity: ApiKeyIdentity): Promise<number> {
    const cancelled = await this.meshes.cancel(identity.tenantId, { id });
    if (cancelled > 0 && jobId) await this.engine.cancellation.cancel(identity.tenantId, jobId, actorOf(identity));
    return cancelled;
  }

  /** Its job may have been cancelled as a job: then the mesh is, too, at once for whoever asks for it. */
  private async find(tenantId: string, rawId: string): Promise<Mesh> {
    const id = parseId(rawId);
    const mesh = await this.meshes.find(tenantId, id);
    if (!mesh) throw missing(rawId);
    if ((mesh.state !== 'queued' && mesh.state !== 'running') || !mesh.jobId) return mesh;
    const job = await this.reader.get(tenantId, mesh.jobId);
    if (job?.state !== 'cancelled') return mesh;
    await this.meshes.cancelOfJobs([mesh.jobId]);
    return (await this.meshes.find(tenantId, id)) ?? mesh;
  }
}
