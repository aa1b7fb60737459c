import '@fastify/multipart';
import type { MultipartFile } from '@fastify/multipart';
import { Injectable } from '@nestjs/common';
import { imageKey, ImageUploadStore } from '@roundhouse/mesh';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { Problem, storableName } from '../../platform/http/index.js';
import { MeshStorage } from './mesh-storage.js';

/** Of one image. */
export const maxImageBytes = 64 * 1024 * 1024;
/** In one request. */
export const maxImages = 200;

export interface UploadedImage {
  storageKey: string;
  name: string;
  bytes: number;
  sha256: string;
}

export interface ImageForm {
  fields: Record<string, string>;
  images: UploadedImage[];
}

/** Images that come in with a form: streamed to the storage, kept under the hash of their content. */
@Injectable()
export class ImageUpload {
  constructor(
    @MeshStorage() private readonly storage: FileStorage,
    private readonly uploads: ImageUploadStore,
  ) {}

  /** Whether a file is a picture is found out by the job: a bad one must not hold up its neighbours. */
  async receive(request: FastifyRequest, tenantId: string, most = maxImages): Promise<ImageForm> {
    const form: ImageForm = { fields: {}, images: [] };
    const limits = { files: most, fileSize: maxImageBytes, parts: most + 20, fields: 20 };
    for await (const part of request.parts({ limits })) {
      if (part.type === 'file') form.images.push(await this.store(part, tenantId));
      else form.fields[part.fieldname] = String(part.value);
    }
    return form;
  }

  private async store({ file, filename }: MultipartFile, tenantId: string): Promise<UploadedImage> {
    const incoming = `mesh/incoming/${randomUUID()}`;
    try {
      const { bytes, sha256 } = await this.storage.put(incoming, file, { maxBytes: 2 * maxImageBytes });
      const name = storableName(filename);
      if (file.truncated)
        throw new Problem('payload_too_large', `${name} is larger than ${maxImageBytes} bytes; reduce the picture`);
      if (bytes === 0) {
        throw new Problem('invalid_request', `${name} is empty`, {
          errors: [{ path: 'file', message: `${name} is empty` }],
        });
      }
      const storageKey = imageKey(tenantId, sha256);
      await this.storage.move(incoming, storageKey);
      await this.uploads.add(tenantId, { storageKey, name, bytes, sha256 });
      return { storageKey, name, bytes, sha256 };
    } catch (error) {
      await this.storage.delete(incoming);
      throw error;
    }
  }
}
