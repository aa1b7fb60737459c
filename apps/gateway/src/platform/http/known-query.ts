import type { FastifyInstance } from 'fastify';
import type { OperationOptions } from './operation.js';
import { Problem } from './problem.js';
import './route-config.js';

function unknown(query: object, { query: schema }: OperationOptions, further: readonly string[]): string[] {
  const known = Object.keys(schema?.shape ?? {});
  return Object.keys(query).filter((name) => !known.includes(name) && !further.includes(name));
}

/** A filter that is misspelt must not be taken for none. Pages and probes at other paths are asked with anything. */
export function refuseUnknownQueries(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { operation, furtherQuery = [] } = request.routeOptions.config;
    if (!operation || !request.url.startsWith('/v1/')) return done();
    const errors = unknown(request.query as object, operation, furtherQuery).map((name) => ({
      path: name,
      message: 'unknown parameter',
    }));
    if (errors.length === 0) return done();
    const names = errors.map(({ path }) => path).join(', ');
    done(new Problem('invalid_request', `The query is not valid: ${names}`, { errors }));
  });
}
