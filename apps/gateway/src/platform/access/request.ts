import type { ApiKeyIdentity } from '@roundhouse/ledger';
import type { Session } from './sessions.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; known on every route that is not public. */
    identity?: ApiKeyIdentity;
    /** Of a page of the console; absent with an API key. */
    session?: Session;
  }
  interface FastifyContextConfig {
    /** Set by `@OpenBySignedLink()`. */
    opensBySignedLink?: boolean;
  }
}
