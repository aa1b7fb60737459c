import type { FastifyReply } from 'fastify';

const mostBytes = 64 * 1024 * 1024;
const mostMs = 30_000;

/**
 * To be called before the answer to a request whose body has not been read: reads it away. Who closes on a sender takes the answer from
 * him, and all that he sees is a reset connection (RFC 9112, 9.6). Who sends on and on is cut off.
 */
export function readAway(reply: FastifyReply): void {
  const { raw } = reply.request;
  if (raw.complete || raw.destroyed) return;
  reply.removeHeader('connection');
  let bytes = 0;
  const cutOff = setTimeout(() => raw.destroy(), mostMs).unref();
  raw.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > mostBytes) raw.destroy();
  });
  raw.once('close', () => clearTimeout(cutOff));
  raw.unpipe();
  raw.resume();
}
