import { createReadStream } from 'node:fs';
import { promisify } from 'node:util';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { limits } from '../workbook/limits.js';
import { Refusal, refusal } from '../workbook/refusal.js';

const open = promisify<string, yauzl.Options, ZipFile>(yauzl.open);

/** Parts are asked for without regard to case and slashes: writers differ. */
const plain = (name: string): string => name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();

const broken = (error: unknown): Error =>
  refusal(`The file is damaged (${(error as Error).message}); save it again and upload it anew`, error);

/** The parts of an .xlsx file, which is a zip archive; read where they lie, never unpacked to a disk. */
export class ZipArchive {
  private readonly entries = new Map<string, Entry>();

  private constructor(
    private readonly zip: ZipFile,
    private readonly path: string,
  ) {}

  /** Refuses what is no zip archive, is damaged, encrypted, or has more entries than a workbook. */
  static async open(path: string): Promise<ZipArchive> {
    const options = { lazyEntries: true, strictFileNames: false, autoClose: false };
    const zip = await open(path, options).catch((error: unknown) => {
      throw broken(error);
    });
    const archive = new ZipArchive(zip, path);
    try {
      if (zip.entryCount > limits.zipEntries)
        throw refusal(`The file has ${zip.entryCount} parts, more than ${limits.zipEntries}: it is no workbook`);
      await archive.readEntries();
      return archive;
    } catch (error) {
      archive.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.entries.has(plain(name));
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  /** Inflated size of a part as it declares it; reading more than that fails. */
  size(name: string): number {
    return this.entries.get(plain(name))?.uncompressedSize ?? 0;
  }

  /** The inflated bytes of a part. Its size, its ratio and its checksum are checked. Undefined when there is no such part. */
  async open(name: string, maxBytes: number = limits.partBytes): Promise<AsyncIterable<Buffer> | undefined> {
    const entry = this.entries.get(plain(name));
    if (!entry) return undefined;
    const { uncompressedSize: size, compressedSize } = entry;
    if (entry.isEncrypted()) throw refusal('The file is protected by a password; remove it and upload the file again');
    if (size > maxBytes)
      throw refusal(`${name} would inflate to ${size} bytes, more than the ${maxBytes} that are read; split the file`);
    if (size > limits.ratioFrom && size / Math.max(1, compressedSize) > limits.ratio)
      throw refusal(`${name} would inflate to ${Math.round(size / compressedSize)} times its size: this is a zip bomb`);
    const { fileDataStart: start } = await this.zip
      .readLocalFileHeaderPromise(entry, { minimal: true })
      .catch((error: unknown) => {
        throw broken(error);
      });
    const packed =
      compressedSize === 0
        ? Readable.from([])
        : createReadStream(this.path, { start, end: start + compressedSize - 1 });
    return checked(inflated(packed, entry), entry, name);
  }

  close(): void {
    this.zip.close();
  }

  private readEntries(): Promise<void> {
    const { zip } = this;
    return new Promise((resolve, reject) => {
      zip.on('entry', (entry) => {
        // The first of a name counts: what comes under it again is there to mislead.
        const name = plain(entry.fileName);
        if (!this.entries.has(name)) this.entries.set(name, entry);
        zip.readEntry();
      });
      zip.once('end', resolve);
      zip.once('error', (error) => reject(broken(error)));
      zip.readEntry();
    });
  }
}

/** With the 16 KiB of yauzl's own stream, the ways through the thread pool take longer than the inflating. */
const chunkSize = 128 * 1024;

function inflated(packed: Readable, { compressionMethod: method }: Entry): Readable {
  if (method === 0) return packed;
  if (method !== 8) throw refusal(`The file is packed in a way that is not known (${method}); save it again`);
  // A failure of either is seen by whoever reads.
  return pipeline(packed, createInflateRaw({ chunkSize }), () => undefined);
}

async function* checked(
  stream: Readable,
  { crc32: expected, uncompressedSize }: Entry,
  name: string,
): AsyncIterable<Buffer> {
  let sum = 0;
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > uncompressedSize) break;
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof Refusal ? error : broken(error);
  } finally {
    stream.destroy();
  }
  if (size !== uncompressedSize)
    throw refusal(
      `${name} is damaged (it has not the ${uncompressedSize} bytes that it declares); save the file again`,
    );
  if (sum !== expected) throw refusal(`${name} is damaged (its checksum is wrong); save the file again`);
}
