import { routeConfig } from './route-config.js';

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
export const KeepRawBody = (): MethodDecorator => routeConfig({ keepRawBody: true });
