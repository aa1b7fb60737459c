/**
 * What workers report, made true: results, failures, progress, checkpoints, follow-up jobs, domain events and logs of attempts in one
 * transaction; and deliveries that nobody could run, which become dead jobs.
 */
export { forgetAttemptLogs, readParts, type StoredLevel, type StoredLine } from './attempt-logs.js';
export { Outcomes } from './outcomes.js';
export { Quarantine, type QuarantinedDelivery, unknownTenant } from './quarantine.js';
