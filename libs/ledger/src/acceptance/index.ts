/**
 * The way in: submissions of about the same moment become rows in one transaction, under their idempotency and unique keys. A `202` is
 * sent after it.
 */
export { acceptAll } from './accept-all.js';
export { Acceptance } from './acceptance.js';
export { forgetIdempotencyKeys, IdempotencyConflict, rewriteKeys } from './idempotency.js';
export type { Accepted, IdempotencyKey, StandIn, Submission } from './submission.js';
export { type Settled, settleUniqueness, UniqueConflict } from './uniqueness.js';
