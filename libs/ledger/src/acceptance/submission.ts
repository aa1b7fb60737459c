import type { NewJob } from '../records/index.js';

/** Makes a repeated request answer like its first one. */
export interface IdempotencyKey {
  route: string;
  key: string;
  /** Hash of the canonical request body. */
  bodyHash: Buffer;
}

/** Jobs that are accepted together or not at all. */
export interface Submission {
  tenantId: string;
  jobs: NewJob[];
  idempotency?: IdempotencyKey;
}

export interface Accepted {
  jobIds: string[];
  /** The answer of an earlier request with the same idempotency key. */
  repeated: boolean;
  /** Of `jobIds` those that were there before: their unique key stood in the way. */
  existing: string[];
}
