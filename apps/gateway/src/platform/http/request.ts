import type { ApiKeyIdentity } from '@roundhouse/ledger';
import type { ServerSpan } from '@roundhouse/telemetry';
import type { Session } from '../access/sessions.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set by the guard on every route that is not public. */
    identity?: ApiKeyIdentity;
    /** Of a page of the console; absent with an API key. */
    session?: Session;
    /** The request's position in its trace: the client's, our span's, or a fresh one. Never empty. */
    traceparent?: string;
    serverSpan?: ServerSpan;
    /** When the request arrived, by `performance.now()`. */
    receivedAt?: number;
  }
}
