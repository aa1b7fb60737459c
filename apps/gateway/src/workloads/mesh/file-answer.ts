import type { FileStorage } from '@roundhouse/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../platform/http/index.js';

export interface AnsweredFile {
  storageKey: string;
  bytes: number;
  sha256: string;
  contentType: string;
  /** The file's name at the user's; undefined: shown, not saved. */
  fileName?: string;
}

type Range = { start: number; end: number };

/**
 * Sends a stored file, or the part that the request asks for (RFC 9110, 14: one range of bytes; a list of ranges is answered
 * with the whole file). The content never changes under its ETag.
 */
export async function sendFile(
  storage: FileStorage,
  file: AnsweredFile,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const etag = `"${file.sha256.slice(0, 32)}"`;
  void reply
    .header('etag', etag)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, max-age=3600')
    .header('x-content-type-options', 'nosniff')
    .type(file.contentType);
  if (file.fileName) void reply.header('content-disposition', `attachment; filename="${asciiName(file.fileName)}"`);
  if (headers['if-none-match'] === etag) return void (await reply.status(304).send());
  const wanted = headers['if-range'] === undefined || headers['if-range'] === etag ? headers.range : undefined;
  const range = parseRange(wanted, file.bytes);
  if (range === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${file.bytes}`);
    throw new Problem('range_not_satisfiable', `The file has ${file.bytes} bytes`);
  }
  const content = await storage.open(file.storageKey, range);
  if (range) void reply.status(206).header('content-range', `bytes ${range.start}-${range.end}/${file.bytes}`);
  void reply.header('content-length', range ? range.end - range.start + 1 : file.bytes);
  await reply.send(content);
}

export function parseRange(header: string | undefined, bytes: number): Range | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '')
    return Number(last) === 0 || bytes === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, bytes - Number(last)), end: bytes - 1 };
  const start = Number(first);
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== '' && Number(last) < start) return undefined; // not a range: as if there were none
  return start >= bytes ? 'unsatisfiable' : { start, end };
}

export const asciiName = (name: string): string => name.replace(/[^A-Za-z0-9._ -]/g, '_').slice(0, 150) || 'file';
