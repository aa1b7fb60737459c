import type { FastifyInstance } from 'fastify';
import { PassThrough } from 'node:stream';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, on routes whose body is signed. */
    rawBody?: Buffer;
  }
}

export const callbackPath = '/v1/mesh/callbacks/';

/** Keeps the bytes of bodies below `callbackPath`: a signature covers them, not what JSON makes of them. */
export function keepRawBodies(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (!request.url.startsWith(callbackPath)) return done(null, payload);
    const parts: Buffer[] = [];
    const copy = new PassThrough();
    payload.on('data', (part: Buffer) => parts.push(part));
    payload.on('end', () => (request.rawBody = Buffer.concat(parts)));
    payload.on('error', (error: Error) => copy.destroy(error));
    payload.pipe(copy);
    done(null, copy);
  });
}
