import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a token is the proof of. */
export interface Grant {
  jobId: string;
  attempt: number;
  /** Whom the attempt was granted to. */
  workerId: string;
}

// RFC 2104 allows half of the hash; 128 bits cannot be guessed.
const tokenBytes = 16;
const attemptBytes = 4;
const idBytes = 16;

/**
 * Tokens that come with grants: HMAC-SHA-256 over job, attempt and worker. Nothing is stored, so any gateway with the same secret knows those of the
 * others, and a check asks nobody.
 */
export class GrantTokens {
  private readonly keys: readonly Buffer[];

  /** @param previous secrets that were in use before: their tokens are still taken, and none is made with them */
  constructor(secret: Buffer, previous: readonly Buffer[] = []) {
    this.keys = [secret, ...previous];
  }

  issue(grant: Grant): Buffer {
    return signature(this.keys[0] as Buffer, grant);
  }

  isGenuine(token: Uint8Array | undefined, grant: Grant): boolean {
    if (token?.length !== tokenBytes) return false;
    return this.keys.some((key) => timingSafeEqual(token, signature(key, grant)));
  }
}

function signature(key: Buffer, { jobId, attempt, workerId }: Grant): Buffer {
  // The worker's name, of any length, stands last: no two grants have the same bytes.
  const content = Buffer.alloc(idBytes + attemptBytes + Buffer.byteLength(workerId));
  content.write(jobId.replaceAll('-', ''), 'hex');
  content.writeUInt32BE(attempt, idBytes);
  content.write(workerId, idBytes + attemptBytes);
  return createHmac('sha256', key).update(content).digest().subarray(0, tokenBytes);
}
