import '@fastify/multipart';
import type { MultipartFile } from '@fastify/multipart';
import { Injectable } from '@nestjs/common';
import type { FileStorage } from '@roundhouse/storage';
import { UploadStore, type Owner } from '@roundhouse/trading';
import type { FastifyRequest } from 'fastify';
import { createHash, randomUUID } from 'node:crypto';
import { maxUploadBytes, Problem, storableName } from '../../platform/http/index.js';
import { StoredFiles } from '../../platform/files/index.js';

interface ReceivedFile {
  /** Where the file waits until its form is known to be good. */
  key: string;
  name: string;
  bytes: number;
  sha256: string;
}

export interface ReceivedForm {
  fields: Record<string, string>;
  file: ReceivedFile | undefined;
}

/** Files that come in with a form: streamed to the storage, kept under the hash of their content. */
@Injectable()
export class TradeUpload {
  constructor(
    @StoredFiles() private readonly storage: FileStorage,
    private readonly uploads: UploadStore,
  ) {}

  /** Reads the form and gives it to `use`; a file that `use` does not keep is removed. */
  async receive<T>(request: FastifyRequest, use: (form: ReceivedForm) => Promise<T>): Promise<T> {
    const form: ReceivedForm = { fields: {}, file: undefined };
    try {
      for await (const part of request.parts()) {
        if (part.type === 'file') form.file = await this.store(part);
        else form.fields[part.fieldname] = String(part.value);
      }
      return await use(form);
    } finally {
      if (form.file) await this.storage.delete(form.file.key);
    }
  }

  /**
   * Keeps a received file for its owner. Its key follows from owner and content, so the same request sent twice asks for the
   * same job.
   */
  async keep(owner: Owner, { key, name, bytes, sha256 }: ReceivedFile): Promise<{ storageKey: string; name: string }> {
    const folder = createHash('sha256')
      .update(JSON.stringify([owner.tenantId, owner.userId]))
      .digest('hex');
    const storageKey = `uploads/${folder.slice(0, 32)}/${sha256}`;
    // First, since it waits for whoever removes an old upload of the same content.
    await this.uploads.add(owner, { storageKey, name, bytes, sha256 });
    await this.storage.move(key, storageKey);
    return { storageKey, name };
  }

  private async store({ file, filename, fieldname }: MultipartFile): Promise<ReceivedFile> {
    if (fieldname !== 'file') {
      throw new Problem('invalid_request', `Send the file in the field "file", not "${fieldname.slice(0, 50)}"`, {
        errors: [{ path: 'file', message: 'is missing' }],
      });
    }
    const key = `incoming/${randomUUID()}`;
    const stored = await this.storage.put(key, file, { maxBytes: maxUploadBytes * 2 });
    if (file.truncated) {
      await this.storage.delete(key);
      throw new Problem('payload_too_large', `A file holds at most ${maxUploadBytes} bytes; split it`);
    }
    return { key, name: storableName(filename), ...stored };
  }
}
