/**
 * A token bucket in the form of the generic cell rate algorithm (ITU-T I.371): the moment at which it would be full again
 * says everything. Two such moments are kept. `fullAt` counts tokens that were set aside for jobs whose turn comes soon, so
 * that nobody is overtaken; `grantedFullAt` counts tokens that were used, so that jobs that come late for theirs do not
 * come in a heap. Times are milliseconds of the database's clock.
 */
export interface TokenBucket {
  key: string;
  perSecond: number;
  burst: number;
  fullAt: number;
  grantedFullAt: number;
  /** A provider asked for silence until then. */
  pausedUntil: number | undefined;
}

const tokenMs = ({ perSecond }: TokenBucket): number => 1000 / perSecond;

export const isPaused = ({ pausedUntil }: TokenBucket, now: number): boolean =>
  pausedUntil !== undefined && pausedUntil > now;

/** Sets `cost` tokens aside unless they would come after `latest`. Answers when they may be used, or undefined. */
export function reserve(bucket: TokenBucket, cost: number, now: number, latest: number): number | undefined {
  const fullAt = Math.max(bucket.fullAt, bucket.grantedFullAt, now) + cost * tokenMs(bucket);
  const from = Math.max(now, fullAt - bucket.burst * tokenMs(bucket));
  if (from > latest) return undefined;
  bucket.fullAt = fullAt;
  return from;
}

/**
 * Uses tokens that were set aside. Answers `now`, or when to come again. What costs more than the bucket holds waits until
 * it is full.
 */
export function use(bucket: TokenBucket, cost: number, now: number): number {
  const fullAt = Math.max(bucket.grantedFullAt, now) + cost * tokenMs(bucket);
  const from = fullAt - Math.max(bucket.burst, cost) * tokenMs(bucket);
  // The clock's and the arithmetic's fractions of a millisecond are no reason to wait.
  if (from > now + 0.5) return from;
  bucket.grantedFullAt = fullAt;
  return now;
}

/** Tokens that nobody has used or set aside. */
export function available(bucket: TokenBucket, now: number): number {
  if (isPaused(bucket, now)) return 0;
  const missing = Math.max(0, bucket.fullAt - now, bucket.grantedFullAt - now) / tokenMs(bucket);
  return Math.max(0, Math.floor(bucket.burst - missing + 1e-6));
}
