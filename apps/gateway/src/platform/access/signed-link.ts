import { createHmac, timingSafeEqual } from 'node:crypto';

const separator = '.';

/**
 * Links that open one thing without an API key, for a time: `<expiry>.<tenant>.<signature>` as a query parameter. The
 * signature (HMAC-SHA256) covers path, tenant and expiry, so that a link opens nothing else.
 */
export class SignedLinks {
  private readonly keys: readonly Buffer[];

  /** @param previous secrets that were in use before: links that they have signed open until they expire */
  constructor(secret: Buffer, previous: readonly Buffer[] = []) {
    this.keys = [secret, ...previous].map((s) => createHmac('sha256', s).update('roundhouse signed links').digest());
  }

  /** @param path without query */
  sign(path: string, tenantId: string, validSeconds: number, now = Date.now()): string {
    const expires = Math.floor(now / 1000) + validSeconds;
    const [key] = this.keys as [Buffer];
    const signature = signatureOf(key, path, tenantId, expires);
    const token = [expires, Buffer.from(tenantId).toString('base64url'), signature].join(separator);
    return `${path}?token=${token}`;
  }

  /** The tenant that a link speaks for; undefined when it is not genuine or has expired. */
  tenantOf(path: string, token: string, now = Date.now()): string | undefined {
    const [expiry, tenant, signature, ...rest] = token.split(separator);
    if (!expiry || !tenant || !signature || rest.length > 0 || !/^\d{1,12}$/.test(expiry)) return undefined;
    const tenantId = Buffer.from(tenant, 'base64url').toString();
    const given = Buffer.from(signature);
    const isGenuine = (key: Buffer) => {
      const genuine = Buffer.from(signatureOf(key, path, tenantId, Number(expiry)));
      return genuine.length === given.length && timingSafeEqual(genuine, given);
    };
    if (!this.keys.some(isGenuine)) return undefined;
    return Number(expiry) * 1000 > now ? tenantId : undefined;
  }
}

function signatureOf(key: Buffer, path: string, tenantId: string, expires: number): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([path, tenantId, expires]))
    .digest('base64url');
}
