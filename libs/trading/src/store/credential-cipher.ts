import { JobFailure } from '@roundhouse/jobs';
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const version = 'v1';
const ivBytes = 12;
const tagBytes = 16;

/** Whose credentials they are; sealed text cannot be moved to another connection or tenant. */
export interface CredentialOwner {
  tenantId: string;
  connectionId: string;
}

function keyId(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

function associatedData({ tenantId, connectionId }: CredentialOwner): Buffer {
  return Buffer.from(JSON.stringify([version, tenantId, connectionId]));
}

/**
 * AES-256-GCM (NIST SP 800-38D) for credentials at rest: `v1.<key id>.<iv>.<ciphertext and tag>`, base64url.
 * Rotation: the new key becomes `current`, the old one joins `previous`, `needsSealing` tells what is to be sealed again.
 */
export class CredentialCipher {
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

  seal(owner: CredentialOwner, credentials: Record<string, string>): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.current, iv, { authTagLength: tagBytes });
    cipher.setAAD(associatedData(owner));
    const body = Buffer.concat([
      cipher.update(JSON.stringify(credentials), 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return [version, this.currentKeyId, iv.toString('base64url'), body.toString('base64url')].join('.');
  }

  /** FAILED_PRECONDITION when the key is not known any more or the text was changed; the message never holds a part of it. */
  open(owner: CredentialOwner, sealed: string): Record<string, string> {
    const [format, id = '', iv = '', body = '', ...rest] = sealed.split('.');
    const key = this.keys.get(id);
    if (format !== version || rest.length > 0) throw this.unreadable('are in an unknown format');
    if (!key) throw this.unreadable('were sealed with a key that is not configured');
    const bytes = Buffer.from(body, 'base64url');
    const nonce = Buffer.from(iv, 'base64url');
    if (nonce.length !== ivBytes || bytes.length < tagBytes) throw this.unreadable('are damaged');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(associatedData(owner));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      const text = Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
      return JSON.parse(text) as Record<string, string>;
    } catch (cause) {
      throw this.unreadable('are damaged or belong to another connection', cause);
    }
  }

  /** Whether the text was sealed with another key than the current one. */
  needsSealing(sealed: string): boolean {
    return sealed.split('.')[1] !== this.currentKeyId;
  }

  private unreadable(why: string, cause?: unknown): JobFailure {
    return new JobFailure('FAILED_PRECONDITION', `The stored credentials ${why}; enter them again`, {
      cause,
      field: 'connection_id',
    });
  }
}
