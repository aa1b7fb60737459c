/**
 * A worker's side: its session with the platform, the consumer of deliveries, claims, heartbeats, reports of outcomes, and the Nest
 * transport on top. All that a process needs to serve jobs over AMQP.
 */
export { JobHandler } from '../nest/job-handler.js';
export { JobServer, OriginalErrorFilter } from '../nest/job-server.js';
export { startJobWorker, type WorkerProcess } from '../nest/job-worker.js';
export { type WorkerOptions, WorkerSession } from './worker-session.js';
