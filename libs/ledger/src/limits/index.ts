/**
 * How many may run and how fast: slots of concurrency limits, rate buckets, pauses, and their names in words. Rows of slots and
 * buckets are changed in the transaction of the job that takes or frees them.
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
