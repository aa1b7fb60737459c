import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { MeshBatchStore, MeshStore, type MeshBatch } from '@roundhouse/mesh';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Identity, OpenBySignedLink, SignedLinks } from '../../platform/access/index.js';
import {
  FailureInterceptor,
  maxBulkBytes,
  nextSchema,
  Operation,
  pageFields,
  parse,
  parseId,
  Problem,
} from '../../platform/http/index.js';
import { statusLinkFields } from '../../platform/workload/index.js';
import { StatusAccess } from '../../platform/status/index.js';
import { MeshStorage } from './mesh-storage.js';
import { batchImagesSchema, meshBatchRequestSchema } from './batch-requests.js';
import { meshBatchSchema, meshBatchView } from './batch-view.js';
import { sendZip } from './batch-zip.js';
import { ImageUpload, maxImages } from './image-upload.js';
import { MeshBatches } from './mesh-batches.js';
import { fileFormats, optionsMessage } from './mesh-fields.js';

const listQuery = z.strictObject({ ...pageFields });
const zipQuery = z.strictObject({
  formats: z
    .string()
    .optional()
    .transform((text) => text?.split(',').map((format) => format.trim()))
    .pipe(z.array(z.enum(fileFormats)).min(1).optional())
    .describe('Separated by commas; unset: all'),
  token: z.string().optional(),
});
const startedSchema = meshBatchSchema.extend(statusLinkFields).meta({ id: 'StartedMeshBatch' });
const addedSchema = z.object({ added: z.number().int(), total: z.number().int() });

@Controller('v1/mesh-batches')
@UseInterceptors(FailureInterceptor)
export class MeshBatchesController {
  constructor(
    private readonly work: MeshBatches,
    private readonly batches: MeshBatchStore,
    private readonly meshes: MeshStore,
    private readonly upload: ImageUpload,
    @MeshStorage() private readonly storage: FileStorage,
    private readonly links: SignedLinks,
    private readonly status: StatusAccess,
  ) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Create a batch of up to 10,000 images, to be filled or at once with all of them',
    tag: 'meshes',
    scope: 'jobs:write',
    body: meshBatchRequestSchema,
    maxBodyBytes: maxBulkBytes,
    status: 201,
    response: { description: 'The batch', schema: startedSchema },
  })
  async create(@Body() body: unknown, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    const { tenantId } = identity;
    const { name, concurrency, options: asked, images: given, start } = parse(meshBatchRequestSchema, body, 'body');
    const options = optionsMessage(asked);
    const images = await this.work.images(tenantId, given);
    const id = randomUUID();
    await this.batches.create(tenantId, { id, name, options, concurrency });
    if (images.length > 0) await this.batches.add(tenantId, id, images);
    return start ? this.started(id, identity, request) : this.view(tenantId, id);
  }

  @Post(':id/images')
  @HttpCode(201)
  @Operation({
    summary: `Add images to an open batch: up to ${maxImages} uploaded with the request, or 10,000 known ones`,
    tag: 'meshes',
    scope: 'jobs:write',
    body: batchImagesSchema,
    maxBodyBytes: maxBulkBytes,
    otherBodies: { 'multipart/form-data': z.strictObject({ file: z.array(z.string().meta({ format: 'binary' })) }) },
    status: 201,
    response: { description: 'How many were added and how many there are', schema: addedSchema },
  })
  async add(
    @Param('id') rawId: string,
    @Body() body: unknown,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Req() request: FastifyRequest,
  ) {
    const { id } = await this.find(tenantId, rawId);
    const given = request.isMultipart()
      ? (await this.upload.receive(request, tenantId)).images.map(({ storageKey, name }) => ({
          storage_key: storageKey,
          name,
        }))
      : parse(batchImagesSchema, body, 'body').images;
    if (given.length === 0)
      throw new Problem('invalid_request', 'The form has no file', {
        errors: [{ path: 'file', message: 'is missing' }],
      });
    const total = await this.batches.add(tenantId, id, await this.work.images(tenantId, given));
    return { added: given.length, total };
  }

  @Post(':id/start')
  @HttpCode(202)
  @Operation({
    summary: 'Start a batch; it takes no more images',
    tag: 'meshes',
    scope: 'jobs:write',
    status: 202,
    response: { description: 'The batch', schema: startedSchema },
  })
  async start(@Param('id') rawId: string, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    return this.started(rawId, identity, request);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Operation({
    summary: 'Cancel a batch; what is made stays',
    tag: 'meshes',
    scope: 'jobs:cancel',
    status: 202,
    response: { description: 'The batch', schema: meshBatchSchema },
  })
  async cancel(@Param('id') rawId: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const batch = await this.find(tenantId, rawId);
    if (!(await this.work.cancel(batch))) throw new Problem('conflict', `The batch is ${batch.state} already`);
    return this.view(tenantId, rawId);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Operation({
    summary: 'Make those meshes again that failed or were cancelled, and no others',
    tag: 'meshes',
    scope: 'jobs:write',
    status: 202,
    response: {
      description: 'How many, and the batch',
      schema: z.object({ retried: z.number().int(), batch: meshBatchSchema, ...statusLinkFields }),
    },
  })
  async retry(@Param('id') rawId: string, @Identity() identity: ApiKeyIdentity, @Req() request: FastifyRequest) {
    const { tenantId } = identity;
    const { retried, jobId } = await this.work.retry(await this.find(tenantId, rawId));
    const link = await this.status.inAnswer(identity, request, jobId);
    return { retried, batch: await this.view(tenantId, rawId), ...link };
  }

  @Get()
  @Operation({
    summary: 'List batches of meshes, newest first',
    tag: 'meshes',
    scope: 'jobs:read',
    query: listQuery,
    response: { description: 'A page', schema: z.object({ batches: z.array(meshBatchSchema), next: nextSchema }) },
  })
  async list(@Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { rows, nextCursor } = await this.batches.page(tenantId, parse(listQuery, query, 'query'));
    return { batches: rows.map((batch) => meshBatchView(batch, this.links)), next: nextCursor ?? null };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a batch of meshes: how far it is',
    tag: 'meshes',
    scope: 'jobs:read',
    response: { description: 'The batch; its meshes are at /v1/meshes?batch_id=', schema: meshBatchSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return this.view(tenantId, id);
  }

  @Get(':id/download')
  @OpenBySignedLink()
  @Operation({
    summary: 'Download what is made of a batch, as one ZIP',
    tag: 'meshes',
    scope: 'jobs:read',
    query: zipQuery,
    response: {
      description: 'The files, and errors.csv with the reasons of what failed',
      contentType: 'application/zip',
    },
  })
  async download(
    @Param('id') rawId: string,
    @Query() query: unknown,
    @Identity() { tenantId }: ApiKeyIdentity,
    @Res() reply: FastifyReply,
  ) {
    const { formats } = parse(zipQuery, query, 'query');
    const batch = await this.find(tenantId, rawId);
    await sendZip(batch, formats, { meshes: this.meshes, storage: this.storage }, reply);
  }

  private async started(rawId: string, identity: ApiKeyIdentity, request: FastifyRequest) {
    const { tenantId } = identity;
    const jobId = await this.work.start(await this.find(tenantId, rawId));
    return { ...(await this.view(tenantId, rawId)), ...(await this.status.inAnswer(identity, request, jobId)) };
  }

  private async find(tenantId: string, rawId: string): Promise<MeshBatch> {
    const batch = await this.batches.find(tenantId, parseId(rawId));
    if (!batch) throw new Problem('not_found', `There is no batch ${rawId.slice(0, 64)}`);
    return batch;
  }

  private async view(tenantId: string, rawId: string) {
    return meshBatchView(await this.find(tenantId, rawId), this.links);
  }
}
