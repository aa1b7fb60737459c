import type { Readable } from 'node:stream';

export interface PutOptions {
  /** Larger content is refused with INVALID_INPUT and nothing is kept. @default the storage's own limit */
  maxBytes?: number;
}

/** What `put` has written. */
export interface StoredFile {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

export interface FileFacts {
  bytes: number;
  modifiedAt: Date;
}

/** Bytes `start` to `end`, both included; without an end to the last one. */
export interface ByteRange {
  start: number;
  end?: number;
}

export interface ListedFile extends FileFacts {
  key: string;
}

/**
 * Files by key. A key is one or more names separated by `/`; a name holds letters, digits, `.`, `_` and `-` and does not begin
 * with a dot. A bad key is INVALID_INPUT. A reader sees the whole old file or the whole new one, never a part.
 */
export interface FileStorage {
  /** Writes or replaces a file. Resolves once it is on the disk. */
  put(key: string, content: Buffer | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoredFile>;
  /** NOT_FOUND when there is none. The caller reads the stream to its end or destroys it. */
  open(key: string, range?: ByteRange): Promise<Readable>;
  /**
   * Gives `use` a path on this machine under which the file can be read, for readers that jump about in it. The path is good for as
   * long as `use` runs; nobody writes to it. NOT_FOUND when there is none.
   */
  borrow<T>(key: string, use: (path: string) => Promise<T>): Promise<T>;
  stat(key: string): Promise<FileFacts | undefined>;
  /** Renames a file, replacing one of that name. NOT_FOUND when there is none. */
  move(key: string, newKey: string): Promise<void>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
  /** The files whose keys begin with `<folder>/`, in no order; of files that come and go meanwhile any may be missing. */
  list(folder: string): AsyncIterable<ListedFile>;
  /** Removes what processes that are gone have left on this machine: half-written files and copies. @returns how many */
  sweep(): Promise<number>;
}
