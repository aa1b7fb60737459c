import type { FastifyInstance } from 'fastify';
import { parseExact } from './exact-json.js';
import { Problem } from './problem.js';
import './raw-body.js';

/** JSON bodies, their integers exact. Fastify has counted their bytes against the limit of the route. */
export function takeJsonBodies(fastify: FastifyInstance): void {
  // Refuses keys that would change what an object is (`__proto__`).
  const parser = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    if (request.routeOptions.config.keepRawBody) request.rawBody = bytes;
    done(
      null,
      parseExact(bytes, (text) => {
        let parsed: unknown;
        parser(request, text, (error, value) => {
          if (error) throw new Problem('invalid_request', error.message, { cause: error });
          parsed = value;
        });
        return parsed;
      }),
    );
  });
}
