import { createHmac, timingSafeEqual } from 'node:crypto';

const idBytes = 16;
const expiryBytes = 6;
// RFC 2104 allows half of the hash; 128 bits cannot be guessed, and the link stays short.
const signatureBytes = 16;
const tokenPattern = /^[A-Za-z0-9_-]{51}$/;

export interface StatusTokenContent {
  linkId: string;
  /** Unix seconds. */
  expires: number;
}

/**
 * The secret part of a status page's address: a link's id and expiry, signed (HMAC-SHA256), in base64url. A forged one is
 * refused without asking the database; whether a genuine one was revoked only the ledger knows.
 */
export class StatusTokens {
  private readonly keys: Buffer[];

  /** @param previous secrets that were in use before: links that they have signed are still read */
  constructor(secret: Buffer, previous: readonly Buffer[] = []) {
    this.keys = [secret, ...previous].map((s) => createHmac('sha256', s).update('roundhouse status links').digest());
  }

  sign({ linkId, expires }: StatusTokenContent): string {
    const content = Buffer.alloc(idBytes + expiryBytes);
    content.write(linkId.replaceAll('-', ''), 'hex');
    content.writeUIntBE(expires, idBytes, expiryBytes);
    const [key] = this.keys as [Buffer];
    return Buffer.concat([content, signature(key, content)]).toString('base64url');
  }

  /** Undefined: not one of ours. An expired one is read all the same. */
  read(token: string): StatusTokenContent | undefined {
    if (!tokenPattern.test(token)) return undefined;
    const bytes = Buffer.from(token, 'base64url');
    const content = bytes.subarray(0, idBytes + expiryBytes);
    const given = bytes.subarray(idBytes + expiryBytes);
    if (!this.keys.some((key) => timingSafeEqual(given, signature(key, content)))) return undefined;
    const hex = content.toString('hex', 0, idBytes);
    const linkId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    return { linkId, expires: content.readUIntBE(idBytes, expiryBytes) };
  }
}

function signature(key: Buffer, content: Buffer): Buffer {
  return createHmac('sha256', key).update(content).digest().subarray(0, signatureBytes);
}
