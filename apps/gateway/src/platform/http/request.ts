import type { ServerSpan } from '@roundhouse/telemetry';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's position in its trace: the client's, our span's, or a fresh one. Never empty. */
    traceparent?: string;
    serverSpan?: ServerSpan;
    /** When the request arrived, by `performance.now()`. */
    receivedAt?: number;
  }
}
