/**
 * How many may run and how fast: slots of concurrency limits and tokens of rate buckets, taken and given back in the transaction of
 * their job (transitions says when), pauses, and all their names in words.
 */
export { bucketText, limitText, pauseText } from './gate-text.js';
export { pause, type Pause, pauseOf, type PauseScope, pauseWait, readPauses, resume } from './pauses.js';
export {
  bucketKey,
  type BucketView,
  contractRate,
  pauseBucket,
  type Rate,
  readAllBuckets,
  readBuckets,
  setRate,
} from './rate-buckets.js';
export { fillBucket, takeAllTokens, tokenWait, waitsFor } from './rates.js';
export {
  contractLimit,
  keyedLimits,
  limitName,
  type LimitName,
  type LimitView,
  limitWait,
  readLimits,
  removeLimit,
  setLimit,
} from './slot-limits.js';
export {
  isSlotWait,
  keysWithRoom,
  lockSlotKeys,
  promote,
  releaseSlots,
  slotKeyOf,
  slotWait,
  takeSlots,
} from './slots.js';
export { available, isPaused } from './token-bucket.js';
