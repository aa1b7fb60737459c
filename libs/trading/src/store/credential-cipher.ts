import { JobFailure } from '@roundhouse/jobs';
import { SecretCipher, SecretUnreadable } from '@roundhouse/secrets';

/** Whose credentials they are; sealed text cannot be moved to another connection or tenant. */
export interface CredentialOwner {
  tenantId: string;
  connectionId: string;
}

/** Seals a connection's credentials; see SecretCipher for the format and the rotation of keys. */
export class CredentialCipher {
  private readonly cipher: SecretCipher;

  /** Keys are 32 bytes. `previous` ones open what was sealed before and seal nothing. */
  constructor(current: Buffer, previous: readonly Buffer[] = []) {
    this.cipher = new SecretCipher(current, previous);
  }

  get currentKeyId(): string {
    return this.cipher.currentKeyId;
  }

  seal({ tenantId, connectionId }: CredentialOwner, credentials: Record<string, string>): string {
    return this.cipher.seal([tenantId, connectionId], JSON.stringify(credentials));
  }

  /** FAILED_PRECONDITION when the key is not known any more or the text was changed; the message never holds a part of it. */
  open({ tenantId, connectionId }: CredentialOwner, sealed: string): Record<string, string> {
    try {
      return JSON.parse(this.cipher.open([tenantId, connectionId], sealed)) as Record<string, string>;
    } catch (cause) {
      const why = cause instanceof SecretUnreadable ? cause.message : 'damaged';
      throw new JobFailure('FAILED_PRECONDITION', `The stored credentials are ${why}; enter them again`, {
        cause,
        field: 'connection_id',
      });
    }
  }

  /** The same credentials under the current key. Undefined when they cannot be opened: they stay as they are. */
  sealAgain({ tenantId, connectionId }: CredentialOwner, sealed: string): string | undefined {
    return this.cipher.sealAgain([tenantId, connectionId], sealed);
  }

  /** Whether the text was sealed with another key than the current one. */
  needsSealing(sealed: string): boolean {
    return this.cipher.needsSealing(sealed);
  }
}
