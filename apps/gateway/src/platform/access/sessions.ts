import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Name of the session's cookie. */
export const sessionCookie = 'roundhouse_session';
/** Header in which the page repeats the session's CSRF token with everything that changes something. */
export const csrfHeader = 'x-csrf-token';

export interface Session {
  /** API key that was logged in with. */
  keyId: string;
  /** Names this session; random. */
  id: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  csrfToken: string;
}

const tokenPattern = /^([0-9a-f]{16})\.(\d{10,14})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

function equal(given: string, genuine: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(genuine)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Sessions of the console: `<key id>.<expiry>.<nonce>.<HMAC-SHA256>` in a cookie. Nothing is stored, so any gateway with the
 * same ROUNDHOUSE_ENCRYPTION_KEY knows them; who a key speaks for is looked up at every request, so that a session ends
 * with its key. Those that are logged out are remembered (`RevokedSessions`).
 */
export class Sessions {
  private readonly key: Buffer;

  constructor(secret: Buffer) {
    this.key = createHmac('sha256', secret).update('roundhouse console sessions').digest();
  }

  /** The cookie's value. */
  issue(keyId: string, validSeconds: number, now = Date.now()): string {
    const unsigned = `${keyId}.${now + validSeconds * 1000}.${randomBytes(16).toString('base64url')}`;
    return `${unsigned}.${this.sign(unsigned)}`;
  }

  /** Undefined when the token is not genuine or has expired. */
  read(token: string, now = Date.now()): Session | undefined {
    const [, keyId, expiry, nonce, signature] = tokenPattern.exec(token) ?? [];
    if (!keyId || !expiry || !nonce || !signature) return undefined;
    if (!equal(signature, this.sign(`${keyId}.${expiry}.${nonce}`))) return undefined;
    const expiresAt = Number(expiry);
    return expiresAt > now ? { keyId, id: nonce, expiresAt, csrfToken: this.csrfTokenOf(token) } : undefined;
  }

  /** Whether a request that changes something comes from a page that was given the session's token. */
  isGenuine(session: Session, csrfToken: unknown): boolean {
    return typeof csrfToken === 'string' && equal(csrfToken, session.csrfToken);
  }

  private csrfTokenOf(token: string): string {
    return this.sign(`csrf ${token}`);
  }

  private sign(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }
}
