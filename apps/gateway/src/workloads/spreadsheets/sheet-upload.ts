import '@fastify/multipart';
import type { MultipartFile } from '@fastify/multipart';
import { Inject, Injectable } from '@nestjs/common';
import { JobFailure } from '@roundhouse/jobs';
import { Refusal, SheetUploadStore, sniffBytes, sniffFileType, type StoredUpload } from '@roundhouse/spreadsheets';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyRequest } from 'fastify';
import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Problem, storableName } from '../../platform/http/index.js';
import { StoredFiles } from '../../platform/files/index.js';
import { SheetReader } from './sheet-reader.js';
import type { SpreadsheetConfig } from './spreadsheet-config.js';

export const spreadsheetSettings = Symbol('spreadsheet settings');

/** Folder of a tenant's files; the name says nothing about the tenant. */
const folderOf = (tenantId: string): string => createHash('sha256').update(tenantId).digest('hex').slice(0, 32);

/** Sheets that come in: streamed to the storage, refused at the first bytes that say what they are not. */
@Injectable()
export class SheetUpload {
  constructor(
    @StoredFiles() private readonly storage: FileStorage,
    private readonly uploads: SheetUploadStore,
    private readonly reader: SheetReader,
    @Inject(spreadsheetSettings) private readonly config: SpreadsheetConfig,
  ) {}

  async receive(request: FastifyRequest, tenantId: string): Promise<StoredUpload> {
    if (!request.isMultipart())
      throw new Problem('unsupported_media_type', 'Send the file as multipart/form-data in the field "file"');
    const limits = { files: 1, fileSize: this.config.spreadsheetMaxBytes };
    for await (const part of request.parts({ limits })) {
      if (part.type === 'file') return this.store(part, tenantId);
    }
    throw new Problem('invalid_request', 'The form has no file', { errors: [{ path: 'file', message: 'is missing' }] });
  }

  private async store({ file, filename }: MultipartFile, tenantId: string): Promise<StoredUpload> {
    const id = randomUUID();
    const storageKey = `spreadsheets/${folderOf(tenantId)}/uploads/${id}`;
    const { spreadsheetMaxBytes: maxBytes, spreadsheetRetention: keepMs } = this.config;
    try {
      // One byte more than the form's limit: that one says what is wrong.
      const stored = await this.storage.put(storageKey, sniffed(file), { maxBytes: maxBytes + 1 });
      if (file.truncated) throw new Problem('payload_too_large', `A file holds at most ${maxBytes} bytes; split it`);
      const facts = await this.reader.inspect(storageKey);
      const name = storableName(filename.split(/[/\\]/).at(-1)!) || 'upload';
      return await this.uploads.add(tenantId, { id, storageKey, name, type: facts.type, facts, ...stored }, keepMs);
    } catch (error) {
      await this.storage.delete(storageKey);
      // The client may still be sending: what is left is read away, so that it gets to hear the answer.
      file.resume();
      if (error instanceof Refusal)
        throw new JobFailure('INVALID_INPUT', error.message, { field: 'file', cause: error });
      throw error;
    }
  }
}

/** Passes a file on as soon as its first bytes show that it may be a spreadsheet; throws when they show that it is none. */
async function* sniffed(file: Readable): AsyncIterable<Buffer> {
  let head = Buffer.alloc(0);
  let known = false;
  for await (const chunk of keptOpen(file)) {
    if (known) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < sniffBytes) continue;
    sniffFileType(head);
    known = true;
    yield head;
  }
  if (known) return;
  sniffFileType(head);
  yield head;
}

/** Leaving a loop over a stream destroys the stream, and with it the request whose answer the client waits for. */
function keptOpen(file: Readable): AsyncIterable<Buffer> {
  return file.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}
