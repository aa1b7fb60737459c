/**
 * Everything between the JSON of one job and its commit: field rules, the kind's options, hidden values, idempotency, the cap of the
 * outbox. Routes of jobs, groups, dead jobs, schedules and workloads all accept jobs here.
 */
export { submitBinary } from './binary-bulk.js';
export { acceptAll, acceptedEntry, acceptEach } from './bulk-acceptance.js';
export { editedPayloadSchema, encodeEdited, readPayload } from './edited-payload.js';
export { restoreHidden } from './hidden-values.js';
export {
  bulkRequestSchema,
  delaySecondsSchema,
  jobChainSchema,
  type JobRequest,
  jobRequestSchema,
  runAtSchema,
} from './job-requests.js';
export { asFault, bodyHash, JobSubmission, type Prepared, type SubmissionOrigin } from './job-submission.js';
export { OutboxLimit } from './outbox-limit.js';
export { idempotencyHeader, idempotencyOf, originOf } from './request-origin.js';
export { submissionProviders } from './submission-parts.js';
