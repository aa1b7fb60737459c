import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { PassThrough } from 'node:stream';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, on routes with `@KeepRawBody()`. */
    rawBody?: Buffer;
  }
  interface FastifyContextConfig {
    keepRawBody?: boolean;
  }
}

/** On routes whose body is signed: a signature covers its bytes, not what JSON makes of them. */
export const KeepRawBody = (): MethodDecorator => RouteConfig({ keepRawBody: true });

export function keepRawBodies(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (!request.routeOptions.config.keepRawBody) return done(null, payload);
    const parts: Buffer[] = [];
    const copy = new PassThrough();
    payload.on('data', (part: Buffer) => parts.push(part));
    payload.on('end', () => (request.rawBody = Buffer.concat(parts)));
    payload.on('error', (error: Error) => copy.destroy(error));
    payload.pipe(copy);
    done(null, copy);
  });
}
