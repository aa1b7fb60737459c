import { addAbortSignal, type Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JobFailure } from '@roundhouse/jobs';

export interface FillFile {
  /** For messages. */
  name: string;
  /** Read once; a stream is destroyed when the pages are not read to the end. */
  content: Readable | Buffer;
  /** Bytes, for the fraction done; known for a Buffer. */
  size?: number;
}

/** Bytes read so far out of `size`. */
export interface ByteProgress {
  read: number;
  size: number | undefined;
}

const CHUNK = 64 * 1024;

export function progressOf(file: FillFile): ByteProgress {
  return { read: 0, size: file.size ?? (Buffer.isBuffer(file.content) ? file.content.length : undefined) };
}

/** The failure of a read that was interrupted by `signal`. */
export function interrupted(signal: AbortSignal, what: string): JobFailure {
  const reason: unknown = signal.reason;
  if (reason instanceof JobFailure) return reason;
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
  return new JobFailure(timedOut ? 'TIMEOUT' : 'CANCELLED', `Reading ${what} was given up`, { cause: reason });
}

/** The file in chunks of at most 64 KiB. Throws CANCELLED, TIMEOUT, or UNAVAILABLE when reading fails. */
export async function* fileChunks(file: FillFile, progress: ByteProgress, signal: AbortSignal): AsyncIterable<Buffer> {
  if (signal.aborted) throw interrupted(signal, file.name);
  if (Buffer.isBuffer(file.content)) {
    for (const chunk of slices(file.content, progress)) {
      yield chunk;
      await nextTurn(); // a buffer never waits for input: let the process breathe
      if (signal.aborted) throw interrupted(signal, file.name);
    }
    return;
  }
  try {
    for await (const chunk of addAbortSignal(signal, file.content)) {
      yield* slices(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string), progress);
    }
  } catch (cause) {
    if (signal.aborted) throw interrupted(signal, file.name);
    throw new JobFailure('UNAVAILABLE', `${file.name} cannot be read to its end`, { cause });
  }
}

function* slices(bytes: Buffer, progress: ByteProgress): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    progress.read += chunk.length;
    yield chunk;
  }
}
