import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KnownRoutes, Problem, type ProblemFilter } from '../http/index.js';

/** Where `npm run build` puts the console; the same from src/ and from dist/. */
export const consoleFolder = fileURLToPath(new URL('../../../../console/dist', import.meta.url));

/**
 * What a page of the console may load and do: its own files and this server, nothing inline, nothing evaluated, nothing of
 * others. `blob:` is for pictures that a page made itself.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Of every page, the console's and the others that people open. */
export const pageHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};

const year = 365 * 24 * 3600;

/** How what is not there is refused. */
interface Refusals {
  problems: ProblemFilter;
  routes: KnownRoutes;
}

/**
 * Serves the console: its files under /assets/, which carry their content's hash, and its one page under every path that is
 * no route of the API, so that any place in the console can be opened by its URL.
 */
export async function serveConsole(
  fastify: FastifyInstance,
  folder: string,
  { problems, routes }: Refusals,
): Promise<void> {
  if (existsSync(folder)) {
    await fastify.register(fastifyStatic as never, {
      root: folder,
      wildcard: false,
      serve: false,
      preCompressed: true,
    });
    fastify.get('/assets/*', asset);
  }
  fastify.get('/', (request, reply) => (isForPeople(request) ? page(request, reply) : about(request, reply)));
  fastify.get('/*', page);

  async function asset(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const name = (request.params as { '*': string })['*'];
    if (name.split('/').includes('..')) throw new Problem('not_found', 'There is no such file');
    // A worker obeys the policy that its script came with.
    reply.headers({ 'x-content-type-options': 'nosniff', 'content-security-policy': contentSecurityPolicy });
    return reply.sendFile(`assets/${name}`, folder, { maxAge: year * 1000, immutable: true });
  }

  async function page(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (!isForPeople(request)) {
      problems.send(routes.missing(request), request, reply);
      return reply;
    }
    if (!existsSync(join(folder, 'index.html'))) {
      problems.send(new Problem('not_found', 'The console has not been built: npm run build'), request, reply);
      return reply;
    }
    return reply.headers(pageHeaders).sendFile('index.html', { cacheControl: false });
  }
}

/** For whoever asks with a program what this is. */
function about({ protocol, host }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const lines = [
    'Roundhouse: durable, typed background jobs',
    '',
    `REST      ${protocol}://${host}/openapi.json describes every route; Authorization: Bearer rh_...`,
    `Console   ${protocol}://${host}/ in a browser`,
    `Health    ${protocol}://${host}/readyz`,
  ];
  return reply.type('text/plain; charset=utf-8').send(`${lines.join('\n')}\n`);
}

/** A browser that opens a page says that it wants HTML; paths of the API are never pages. */
function isForPeople({ url, headers }: FastifyRequest): boolean {
  return !url.startsWith('/v1/') && (headers.accept ?? '').includes('text/html');
}
