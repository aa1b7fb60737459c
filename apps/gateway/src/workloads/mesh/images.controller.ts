import { Controller, HttpCode, Post, Req, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { FailureInterceptor, Operation, Problem } from '../../platform/http/index.js';
import { ImageUpload, maxImages } from './image-upload.js';

const imageSchema = z
  .object({ storage_key: z.string(), name: z.string(), bytes: z.number().int(), sha256: z.string() })
  .meta({ id: 'UploadedImage' });

const formSchema = z
  .strictObject({ file: z.array(z.string().meta({ format: 'binary' })).max(maxImages) })
  .meta({ id: 'ImageForm' });

@Controller('v1/images')
@UseInterceptors(FailureInterceptor)
export class ImagesController {
  constructor(private readonly upload: ImageUpload) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: `Upload up to ${maxImages} images, to make meshes of`,
    tag: 'meshes',
    scope: 'jobs:write',
    body: formSchema,
    consumes: 'multipart/form-data',
    status: 201,
    response: {
      description: 'The images, in the order of the form',
      schema: z.object({ images: z.array(imageSchema) }),
    },
  })
  async create(@Identity() { tenantId }: ApiKeyIdentity, @Req() request: FastifyRequest) {
    if (!request.isMultipart()) throw new Problem('unsupported_media_type', 'This route takes multipart/form-data');
    const { images } = await this.upload.receive(request, tenantId);
    if (images.length === 0)
      throw new Problem('invalid_request', 'The form has no file', {
        errors: [{ path: 'file', message: 'is missing' }],
      });
    return { images: images.map(({ storageKey, ...image }) => ({ storage_key: storageKey, ...image })) };
  }
}
