import { createHmac, timingSafeEqual } from 'node:crypto';

const separator = '.';

/**
 * Links that open one thing without an API key, for a time: `<expiry>.<tenant>.<signature>` as a query parameter. The
 * signature (HMAC-SHA256) covers path, tenant and expiry, so that a link opens nothing else.
 */
export class SignedLinks {
  private readonly key: Buffer;

  constructor(secret: Buffer) {
    // A key of its own: the secret also seals credentials.
    this.key = createHmac('sha256', secret).update('roundhouse signed links').digest();
  }

  /** @param path without query */
  sign(path: string, tenantId: string, validSeconds: number, now = Date.now()): string {
    const expires = Math.floor(now / 1000) + validSeconds;
    const token = [expires, Buffer.from(tenantId).toString('base64url'), this.signature(path, tenantId, expires)].join(
      separator,
    );
    return `${path}?token=${token}`;
  }

  /** The tenant that a link speaks for; undefined when it is not genuine or has expired. */
  tenantOf(path: string, token: string, now = Date.now()): string | undefined {
    const [expiry, tenant, signature, ...rest] = token.split(separator);
    if (!expiry || !tenant || !signature || rest.length > 0 || !/^\d{1,12}$/.test(expiry)) return undefined;
    const tenantId = Buffer.from(tenant, 'base64url').toString();
    const genuine = Buffer.from(this.signature(path, tenantId, Number(expiry)));
    const given = Buffer.from(signature);
    if (genuine.length !== given.length || !timingSafeEqual(genuine, given)) return undefined;
    return Number(expiry) * 1000 > now ? tenantId : undefined;
  }

  private signature(path: string, tenantId: string, expires: number): string {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([path, tenantId, expires]))
      .digest('base64url');
  }
}
