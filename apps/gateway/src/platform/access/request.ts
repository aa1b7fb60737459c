import type { ApiKeyIdentity } from '@roundhouse/ledger';
import type { Session } from './sessions.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set by the guard on every route that is not public. */
    identity?: ApiKeyIdentity;
    /** Of a page of the console; absent with an API key. */
    session?: Session;
  }
}
