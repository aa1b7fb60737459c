/**
 * A change of state and all that follows from it in the same transaction: slots are freed, unique keys given back, deaths announced,
 * redrives and webhooks told, dependents released or cancelled, batches counted. Also the short way of jobs that nothing is tied to.
 */
export {
  batchColumns,
  type CallbackName,
  type CountedBatch,
  settleBatches,
  type StoredCallback,
} from './batch-counts.js';
export { type DependencyCondition, type DependencyOtherwise, type GraphEdge, insertEdges } from './dependency-edges.js';
export { isMuted } from './muted-deaths.js';
export {
  endPlain,
  grantPlain,
  type PlainClaim,
  type PlainEnd,
  type PlainGrant,
  PlainKinds,
  type PlainSuccess,
} from './plain-jobs.js';
export { staleMs } from './stale.js';
export {
  followHolders,
  forgetExpiredKeys,
  type HeldKey,
  keyOf,
  type KeyWish,
  readUniqueKeys,
  type TakenKey,
  takeUniqueKeys,
} from './unique-keys.js';
export { announceJobs, type ChangedJob, type JobMove, writeJobs } from './write-jobs.js';
