import { JobFailure } from '@roundhouse/jobs';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyReply } from 'fastify';
import { Problem } from '../../platform/http/index.js';

const contentTypes: Record<string, string> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

/** Sends a stored file to be saved under a name; `gone` when it has expired. */
export async function sendFile(reply: FastifyReply, storage: FileStorage, key: string, name: string): Promise<void> {
  const facts = await storage.stat(key);
  if (!facts) throw new Problem('gone', 'The file is not kept any more');
  const content = await storage.open(key).catch((error: unknown) => {
    if (error instanceof JobFailure && error.code === 'NOT_FOUND')
      throw new Problem('gone', 'The file is not kept any more');
    throw error;
  });
  const ending = name.split('.').at(-1) ?? '';
  void reply
    .header('content-type', contentTypes[ending] ?? 'application/octet-stream')
    .header('content-length', facts.bytes)
    .header('content-disposition', attachment(name))
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'private, no-store');
  await reply.send(content);
}

/** RFC 6266: plain letters for old clients, the real name for the others. */
function attachment(name: string): string {
  const safe = name.replace(/[\p{Cc}/\\]/gu, '_').slice(0, 150);
  const encoded = encodeURIComponent(safe).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${safe.replace(/[^\w .()-]/g, '_')}"; filename*=UTF-8''${encoded}`;
}
