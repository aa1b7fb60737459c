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
 * same ROUNDHOUSE_SESSION_KEY knows them; who a key speaks for is looked up at every request, so that a session ends
 * with its key. Those that are logged out are remembered (`RevokedSessions`).
 */
export class Sessions {
  private readonly keys: readonly Buffer[];

  /** @param previous secrets that were in use before: sessions that they have signed go on until they expire */
  constructor(secret: Buffer, previous: readonly Buffer[] = []) {
    this.keys = [secret, ...previous].map((s) =>
      createHmac('sha256', s).update('roundhouse console sessions').digest(),
    );
  }

  /** The cookie's value. */
  issue(keyId: string, validSeconds: number, now = Date.now()): string {
    const unsigned = `${keyId}.${now + validSeconds * 1000}.${randomBytes(16).toString('base64url')}`;
    const [key] = this.keys as [Buffer];
    return `${unsigned}.${sign(key, unsigned)}`;
  }

  /** Undefined when the token is not genuine or has expired. */
  read(token: string, now = Date.now()): Session | undefined {
    const [, keyId, expiry, nonce, signature] = tokenPattern.exec(token) ?? [];
    if (!keyId || !expiry || !nonce || !signature) return undefined;
    const key = this.keys.find((k) => equal(signature, sign(k, `${keyId}.${expiry}.${nonce}`)));
    if (!key) return undefined;
    const expiresAt = Number(expiry);
    return expiresAt > now ? { keyId, id: nonce, expiresAt, csrfToken: sign(key, `csrf ${token}`) } : undefined;
  }

  /** Whether a request that changes something comes from a page that was given the session's token. */
  isGenuine(session: Session, csrfToken: unknown): boolean {
    return typeof csrfToken === 'string' && equal(csrfToken, session.csrfToken);
  }
}

function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
