import { JobFailure } from '@roundhouse/jobs';
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { removeAbandoned } from './abandoned.js';
import { draftName } from './draft-name.js';
import type { ByteRange, FileFacts, FileStorage, ListedFile, PutOptions, StoredFile } from './file-storage.js';
import { filesBelow, isMissing } from './files-below.js';
import { checkStorageKey } from './storage-key.js';

const defaultMaxBytes = 256 * 1024 * 1024;
/** No key begins with a dot, so a file being written can never be read by its key. */
const incoming = '.incoming';

function missing(key: string): JobFailure {
  return new JobFailure('NOT_FOUND', `There is no stored file ${key}; upload it again`, { field: 'storage_key' });
}

/** Files in one folder, which several processes of a machine may share. */
export class LocalFileStorage implements FileStorage {
  constructor(
    private readonly folder: string,
    private readonly maxBytes = defaultMaxBytes,
  ) {}

  async put(key: string, content: Buffer | AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<StoredFile> {
    const target = this.path(key);
    const draft = join(this.folder, incoming, draftName());
    await mkdir(dirname(draft), { recursive: true });
    try {
      const stored = await this.write(draft, content, options.maxBytes ?? this.maxBytes);
      await mkdir(dirname(target), { recursive: true });
      await rename(draft, target);
      return stored;
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    try {
      const file = await open(this.path(key), 'r');
      if ((await file.stat()).isFile()) return file.createReadStream(range);
      await file.close();
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    throw missing(key);
  }

  async borrow<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    if (!(await this.stat(key))) throw missing(key);
    return use(this.path(key));
  }

  async stat(key: string): Promise<FileFacts | undefined> {
    try {
      const facts = await stat(this.path(key));
      return facts.isFile() ? { bytes: facts.size, modifiedAt: facts.mtime } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async move(key: string, newKey: string): Promise<void> {
    const target = this.path(newKey);
    if (!(await this.stat(key))) throw missing(key);
    await mkdir(dirname(target), { recursive: true });
    await rename(this.path(key), target);
  }

  async delete(key: string): Promise<boolean> {
    if (!(await this.stat(key))) return false;
    await rm(this.path(key), { force: true });
    return true;
  }

  /**
   * Removes what processes that are gone have left half-written; a process that is killed cannot do it itself. Returns how many files.
   */
  async sweep(now = Date.now()): Promise<number> {
    return removeAbandoned(join(this.folder, incoming), now);
  }

  async *list(folder: string): AsyncIterable<ListedFile> {
    for await (const key of filesBelow(this.path(folder), folder)) {
      const facts = await this.stat(key);
      if (facts) yield { key, ...facts };
    }
  }

  private path(key: string): string {
    return join(this.folder, ...checkStorageKey(key));
  }

  private async write(path: string, content: Buffer | AsyncIterable<Uint8Array>, limit: number): Promise<StoredFile> {
    const file = await open(path, 'wx', 0o600);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of Buffer.isBuffer(content) ? [content] : content) {
        bytes += chunk.length;
        if (bytes > limit) {
          throw new JobFailure('INVALID_INPUT', `The file is larger than ${limit} bytes; split it`, { field: 'file' });
        }
        hash.update(chunk);
        await file.appendFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { bytes, sha256: hash.digest('hex') };
  }
}
