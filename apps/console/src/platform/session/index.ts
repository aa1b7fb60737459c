/** Who is logged in, as which tenant, and what the scopes of that key allow. */
export { SessionProvider, useSession, useSessionState } from './session.js';
