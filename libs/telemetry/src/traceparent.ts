import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(24 * 256);
let used = pool.length;

/** 24 random bytes as 48 hex digits; drawn from a pool because a call into the generator per job would be the dearest part. */
function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.toString('hex', used, (used += 24));
}

const valid = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/** https://www.w3.org/TR/trace-context/#traceparent-header; versions after 00 may carry more fields. */
export function isTraceparent(value: string | undefined): value is string {
  return (
    value !== undefined && value.length >= 55 && valid.test(value) && (value.length === 55 || !value.startsWith('00'))
  );
}

/** A new sampled trace, for a job that came without one: every job has a trace id, whether tracing is on or not. */
export function newTraceparent(): string {
  const hex = randomHex();
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-01`;
}

/** The 32 hex digits of the trace, or undefined when `traceparent` is absent or malformed. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return isTraceparent(traceparent) ? traceparent.slice(3, 35) : undefined;
}
