import type { FastifyInstance } from 'fastify';

export const protobufContentType = 'application/x-protobuf';

/** Passes such bodies on as bytes. Only the bulk route knows what to do with them; the others refuse a body that is no object. */
export function takeProtobufBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(protobufContentType, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}
