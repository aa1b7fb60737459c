import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

const escaped = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');

/** Of paths of one route: `/v1/jobs/:id/cancel`, `/assets/*`. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    return segment === '*' ? '.*' : escaped(segment);
  });
  return new RegExp(`^${segments.join('/')}$`);
}

/** The paths that there are, and what each can be asked. */
export class KnownRoutes {
  private readonly routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  /** Before any route is added. */
  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRoute', ({ url, method }) => {
      if (url === '/*') return; // the pages of the console, wherever no other route is
      const route = this.routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
      for (const one of [method].flat()) route.methods.add(one);
      this.routes.set(url, route);
    });
  }

  /** Why a request finds nothing: there is no such path (404), or its method is none of those it has (405). */
  missing({ method, url }: FastifyRequest): Problem {
    const [path = ''] = url.split('?');
    const there = [...this.routes.values()].filter(({ pattern }) => pattern.test(path));
    const methods = [...new Set(there.flatMap((route) => [...route.methods]))].sort();
    const shown = `${method} ${url.slice(0, 200)}`;
    if (methods.length === 0) return new Problem('not_found', `Cannot ${shown}`);
    const allow = methods.join(', ');
    return new Problem('method_not_allowed', `Cannot ${shown}; here there is ${allow}`, { headers: { allow } });
  }
}
