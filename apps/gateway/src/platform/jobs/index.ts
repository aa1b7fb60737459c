/**
 * The routes of single jobs, and a job as clients see it. Reading, listing, cancelling, moving, running again, explaining, and what
 * attempts have logged.
 */
export { jobListQuerySchema } from './job-list-query.js';
export { jobControllers, jobProviders } from './job-parts.js';
export { jobSummary, jobSummarySchema, jobView } from './job-view.js';
