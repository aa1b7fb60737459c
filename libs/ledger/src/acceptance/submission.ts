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

/** Who had the unique key of a job that was asked for. */
export interface StandIn {
  existing: string;
  /** Runs the payload once `existing` is over. */
  follower?: string;
  /** Neither runs the payload. */
  dropped?: true;
}

export interface Accepted {
  /** By the request's jobs, who runs the payload: the job itself, or one that was there before. */
  jobIds: string[];
  /** The answer of an earlier request with the same idempotency key. */
  repeated: boolean;
  /** Of `jobIds` those that were there before: their unique key stood in the way. */
  existing: string[];
  /** By place in the request, for those whose unique key was held. Undefined: for none. */
  standIns?: Record<number, StandIn>;
}
