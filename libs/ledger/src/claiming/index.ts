/**
 * The answer to a worker that has a delivery: granted, or dropped because the job is over, runs elsewhere, is unknown, or is parked
 * until what it must pass lets it run. Also which workers are heard.
 */
export { Claims } from './claims.js';
export { unprovenAmong, unprovenFault } from './grant-proofs.js';
export { GrantTokens } from './grant-token.js';
export { Heartbeats } from './heartbeats.js';
export { Hearing } from './hearing.js';
export { forgetWorkers, liveWorkers, type WorkerRecord } from './workers.js';
