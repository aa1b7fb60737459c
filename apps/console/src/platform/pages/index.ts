/** The platform's own areas of pages, one line each: what is exported here takes part. */
export { section as batches } from './batches/index.js';
export { section as failures } from './failures/index.js';
export { section as jobs } from './jobs/index.js';
export { section as now } from './now/index.js';
export { section as queues } from './queues/index.js';
export { section as redrives } from './redrives/index.js';
export { section as schedules } from './schedules/index.js';
