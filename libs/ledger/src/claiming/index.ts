/**
 * The answer to a worker that has a delivery: granted, later or dropped, with what the job must pass before. Also which workers are
 * heard.
 */
export { Claims } from './claims.js';
export { Hearing } from './hearing.js';
export { forgetWorkers, liveWorkers, type WorkerRecord } from './workers.js';
