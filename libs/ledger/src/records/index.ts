/**
 * What is written of one job: its row, made new (with its outbox row) or locked for a transaction, its history, its id, and the
 * fingerprint of its error. Every change of a locked job goes through the state machine here and is stored with one statement a table.
 */
export { failurePage, fingerprintOf } from './fingerprint.js';
export { readHistory, type StoredHistoryEntry } from './job-history.js';
export { newJobId } from './job-id.js';
export { jobOfKind, type JobOrigin, type JobOverrides, uniqueness } from './job-of-kind.js';
export { catalogueRules } from './job-rules.js';
export { aboveAll, type LockedJob, LockedJobs, type RulesOf } from './locked-jobs.js';
export { insertJobs, isJobId, type NewJob, type Uniqueness, type UniqueOverride } from './new-job.js';
export { Refusals } from './refusals.js';
