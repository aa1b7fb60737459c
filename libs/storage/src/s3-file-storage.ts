import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { JobFailure } from '@roundhouse/jobs';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { removeAbandoned } from './abandoned.js';
import { draftName } from './draft-name.js';
import type { ByteRange, FileFacts, FileStorage, ListedFile, PutOptions, StoredFile } from './file-storage.js';
import type { S3Place } from './s3-place.js';
import { checkStorageKey } from './storage-key.js';

/** Copies of files that are read here. */
const borrowed = join(tmpdir(), `roundhouse-borrowed-${process.getuid?.() ?? ''}`);
const defaultMaxBytes = 256 * 1024 * 1024;

function missing(key: string): JobFailure {
  return new JobFailure('NOT_FOUND', `There is no stored file ${key}; upload it again`, { field: 'storage_key' });
}

function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404;
}

/**
 * Files in a bucket of an S3-compatible store. A put becomes visible as a whole when it is complete. Credentials come from where the
 * AWS SDK looks for them (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, roles).
 */
export class S3FileStorage implements FileStorage {
  private readonly client: S3Client;

  constructor(
    private readonly place: S3Place,
    private readonly maxBytes = defaultMaxBytes,
    client?: S3Client,
  ) {
    const { endpoint, region } = place;
    // Stores other than AWS's are asked by path: their buckets have no host names. Many know no checksums of the newer kinds.
    const others = endpoint === undefined ? {} : { endpoint, forcePathStyle: true };
    this.client =
      client ??
      new S3Client({
        region,
        ...others,
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      });
  }

  async put(key: string, content: Buffer | AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<StoredFile> {
    const limit = options.maxBytes ?? this.maxBytes;
    const hash = createHash('sha256');
    let bytes = 0;
    const counted = async function* () {
      for await (const chunk of Buffer.isBuffer(content) ? [content] : content) {
        bytes += chunk.length;
        if (bytes > limit)
          throw new JobFailure('INVALID_INPUT', `The file is larger than ${limit} bytes; split it`, { field: 'file' });
        hash.update(chunk);
        yield chunk;
      }
    };
    const Body = Readable.from(counted(), { objectMode: false });
    // In parts: nobody knows the length of a stream. An upload that fails takes its parts away.
    await new Upload({ client: this.client, params: { ...this.object(key), Body } }).done();
    return { bytes, sha256: hash.digest('hex') };
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const Range = range && `bytes=${range.start}-${range.end ?? ''}`;
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ ...this.object(key), Range }));
      return Body as Readable;
    } catch (error) {
      throw isMissing(error) ? missing(key) : error;
    }
  }

  async borrow<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    const content = await this.open(key);
    const folder = join(borrowed, draftName());
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, 'file');
      await pipeline(content, createWriteStream(path));
      return await use(path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** What is half-uploaded is no file yet; its parts go by the rule of the bucket for uploads that were never completed. */
  async sweep(): Promise<number> {
    return removeAbandoned(borrowed);
  }

  async stat(key: string): Promise<FileFacts | undefined> {
    try {
      const { ContentLength, LastModified } = await this.client.send(new HeadObjectCommand(this.object(key)));
      return { bytes: ContentLength ?? 0, modifiedAt: LastModified ?? new Date(0) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** A copy and a removal: for a moment there are both. */
  async move(key: string, newKey: string): Promise<void> {
    const from = this.object(key);
    const CopySource = `${from.Bucket}/${from.Key}`;
    try {
      await this.client.send(new CopyObjectCommand({ ...this.object(newKey), CopySource }));
    } catch (error) {
      throw isMissing(error) ? missing(key) : error;
    }
    await this.client.send(new DeleteObjectCommand(from));
  }

  async delete(key: string): Promise<boolean> {
    if (!(await this.stat(key))) return false;
    await this.client.send(new DeleteObjectCommand(this.object(key)));
    return true;
  }

  async *list(folder: string): AsyncIterable<ListedFile> {
    const { Bucket, Key } = this.object(folder);
    for (let ContinuationToken: string | undefined; ;) {
      const page = await this.client.send(new ListObjectsV2Command({ Bucket, Prefix: `${Key}/`, ContinuationToken }));
      for (const { Key: found, Size, LastModified } of page.Contents ?? []) {
        if (!found || !LastModified) continue;
        yield { key: found.slice(this.place.prefix.length), bytes: Size ?? 0, modifiedAt: LastModified };
      }
      if (!page.IsTruncated) return;
      ContinuationToken = page.NextContinuationToken;
    }
  }

  private object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.place.bucket, Key: this.place.prefix + checkStorageKey(key).join('/') };
  }
}
