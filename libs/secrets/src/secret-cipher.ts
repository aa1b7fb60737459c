import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const version = 'v1';
const ivBytes = 12;
const tagBytes = 16;

/** A sealed text cannot be opened; the message continues "… " and never holds a part of the secret. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
}

function keyId(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

const associatedData = (owner: readonly string[]): Buffer => Buffer.from(JSON.stringify([version, ...owner]));

/**
 * AES-256-GCM (NIST SP 800-38D) for secrets at rest: `v1.<key id>.<iv>.<ciphertext and tag>`, base64url. A sealed text
 * opens for its owner only: it cannot be moved to another tenant or record.
 * Rotation: the new key becomes `current`, the old one joins `previous`, `needsSealing` tells what is to be sealed again.
 */
export class SecretCipher {
  readonly currentKeyId: string;
  private readonly keys: Map<string, Buffer>;

  /** Keys are 32 bytes. `previous` ones open what was sealed before and seal nothing. */
  constructor(
    private readonly current: Buffer,
    previous: readonly Buffer[] = [],
  ) {
    for (const key of [current, ...previous]) {
      if (key.length !== 32) throw new Error(`An encryption key has 32 bytes, this one has ${key.length}`);
    }
    this.currentKeyId = keyId(current);
    this.keys = new Map([...previous, current].map((key) => [keyId(key), key]));
  }

  seal(owner: readonly string[], secret: string): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.current, iv, { authTagLength: tagBytes });
    cipher.setAAD(associatedData(owner));
    const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [version, this.currentKeyId, iv.toString('base64url'), body.toString('base64url')].join('.');
  }

  /** @throws SecretUnreadable when the key is not known any more or the text was changed */
  open(owner: readonly string[], sealed: string): string {
    const [format, id = '', iv = '', body = '', ...rest] = sealed.split('.');
    const key = this.keys.get(id);
    if (format !== version || rest.length > 0) throw new SecretUnreadable('in an unknown format');
    if (!key) throw new SecretUnreadable('sealed with a key that is not configured');
    const bytes = Buffer.from(body, 'base64url');
    const nonce = Buffer.from(iv, 'base64url');
    if (nonce.length !== ivBytes || bytes.length < tagBytes) throw new SecretUnreadable('damaged');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(associatedData(owner));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SecretUnreadable('damaged or of another owner', { cause });
    }
  }

  /** The same secret under the current key. Undefined when it cannot be opened: it stays as it is. */
  sealAgain(owner: readonly string[], sealed: string): string | undefined {
    try {
      return this.seal(owner, this.open(owner, sealed));
    } catch (error) {
      if (error instanceof SecretUnreadable) return undefined;
      throw error;
    }
  }

  /** Whether the text was sealed with another key than the current one. */
  needsSealing(sealed: string): boolean {
    return sealed.split('.')[1] !== this.currentKeyId;
  }
}
