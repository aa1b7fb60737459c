/** Jobs as people look at them: lists, searches, one job with its links, attempts, history and logs, and finding anything by its id. */
export { type AttemptLine, type AttemptLogPage, readAttemptLog } from './attempt-log-reader.js';
export { findById, findFailure, type Found } from './find-by-id.js';
export { attemptsOf, type JobAttempt } from './job-attempts.js';
export { arrivedJobs } from './job-changes.js';
export { type JobLinks, readJobLinks } from './job-links.js';
export { type JobDetail, type JobFilter, type JobPage, JobReader } from './job-reader.js';
export { countCap, type JobCount, type JobLook, JobSearch, type PayloadTest } from './job-search.js';
export { isScheduledCursor, readScheduled, type ScheduledPage } from './scheduled-jobs.js';
export { readSharedJob, type SharedJob } from './shared-job.js';
