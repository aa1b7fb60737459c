import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyContextConfig } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Parameters of the query that something else than the route itself looks at. */
    furtherQuery?: readonly string[];
  }
}

/** Tells hooks of the server about a route (`request.routeOptions.config`), beside what other decorators tell them. */
export const routeConfig =
  (config: Partial<FastifyContextConfig>): MethodDecorator =>
  (target, name, descriptor) => {
    const before = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object) as object | undefined;
    return RouteConfig({ ...before, ...config })(target, name, descriptor);
  };
