/** Queues, workers and the audit log: whether queues drain, who is alive, who did what. */
export { section } from './section.js';
