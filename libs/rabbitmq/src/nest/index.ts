/** Workers as Nest applications: `@JobHandler`, the transport strategy, and the process around them. */
export { JobHandler } from './job-handler.js';
export { JobServer, OriginalErrorFilter } from './job-server.js';
export { startJobWorker, type WorkerProcess } from './job-worker.js';
