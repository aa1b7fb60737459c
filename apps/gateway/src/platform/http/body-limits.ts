import type { FastifyInstance } from 'fastify';
import type { OperationOptions } from './operation.js';

/** Of a body, unless its route says otherwise. */
export const maxBodyBytes = 1024 * 1024;
/** Of a body with up to 1000 jobs of moderate size; a single payload is limited separately. */
export const maxBulkBytes = 16 * 1024 * 1024;
/** Of a body that somebody sends without a key. */
export const maxStrangerBytes = 64 * 1024;

export function bodyLimitOf(operation: OperationOptions | undefined): number {
  const standard = operation?.scope === 'public' ? maxStrangerBytes : maxBodyBytes;
  return operation?.maxBodyBytes ?? standard;
}

/** Fastify counts the bytes of a body while they come in, against the limit that its route declares. */
export function limitBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    route.bodyLimit = bodyLimitOf(route.config?.operation);
  });
}
