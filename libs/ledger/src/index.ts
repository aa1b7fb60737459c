export { Acceptance, type Accepted, type Submission } from './acceptance.js';
export { allows, apiKeyScopes, type ApiKeyScope } from './api-key-scopes.js';
export { ApiKeys, type ApiKeyIdentity } from './api-keys.js';
export { readAudit, writeAudit, type AuditEntry, type AuditFilter, type StoredAuditEntry } from './audit-log.js';
export { BatchCancellation } from './batch-cancellation.js';
export type { CallbackName } from './batch-counts.js';
export { BatchStates } from './batch-states.js';
export { BatchReader, type BatchPage, type BatchView, type WorkflowNode, type WorkflowView } from './batch-reader.js';
export { BatchClosed, Batches, type CreatedBatch, type NewBatch } from './batches.js';
export { cancelledAmong } from './cancelled-jobs.js';
export { Cancellation, type CancelAnswer } from './cancellation.js';
export { Claims } from './claims.js';
export { forgetIdempotencyKeys, IdempotencyConflict, type IdempotencyKey } from './idempotency.js';
export { jobOfKind, type JobOrigin, type JobOverrides } from './job-of-kind.js';
export { pause, pauseWait, readPauses, resume, type Pause, type PauseScope } from './pauses.js';
export { Reconciler } from './reconciler.js';
export { UniqueConflict } from './uniqueness.js';
export { DispatchWindow } from './dispatch-window.js';
export { JobTiming, type MoveAnswer } from './job-timing.js';
export { operatorTenant } from './operator.js';
export { bucketKey, contractRate, readBuckets, setRate, type BucketView, type Rate } from './rate-buckets.js';
export {
  contractLimit,
  keyedLimits,
  limitName,
  limitWait,
  readLimits,
  removeLimit,
  setLimit,
  type LimitName,
  type LimitView,
} from './slot-limits.js';
export { isScheduledCursor, readScheduled, type ScheduledPage } from './scheduled-jobs.js';
export { available, isPaused } from './token-bucket.js';
export { estimateByProgress, type Eta } from './explain-eta.js';
export type { AttemptAccount, TimeAccount, TimeCause, TimeSegment } from './explain-job.js';
export type { Holder, Holdup, Stuck } from './explain-reason.js';
export { Explanations, type Explanation } from './explanations.js';
export { bucketText, limitText, pauseText } from './gate-text.js';
export { InvalidCron, nextFireTime } from './cron.js';
export type { DeadFilter } from './dead-filter.js';
export { countDead, deadGroups, failureStatuses, type DeadGroup, type FailureStatus } from './dead-groups.js';
export { FailureMarks, type FailureMark, type Mute } from './failure-marks.js';
export { discardDead } from './discards.js';
export {
  endOfDomainEvents,
  isFeedCursor,
  readDomainEvents,
  type FeedStart,
  type StoredDomainEvent,
} from './domain-event-log.js';
export { JobEntity, type StoredError } from './entities/job.entity.js';
export { attemptsOf, type JobAttempt } from './job-attempts.js';
export { arrivedJobs } from './job-changes.js';
export { readAttemptLog, type AttemptLine, type AttemptLogPage } from './attempt-log-reader.js';
export { forgetAttemptLogs } from './attempt-logs.js';
export { forgetRevokedSessions, RevokedSessions } from './revoked-sessions.js';
export { Reruns, type Rerun, type RerunAnswer } from './reruns.js';
export { readHistory, type StoredHistoryEntry } from './job-history.js';
export { JobReader, type JobDetail, type JobFilter, type JobPage } from './job-reader.js';
export { JobMeter } from './job-meter.js';
export { forgetStatistics, readStatistics, type JobFigures, type MinuteFigures } from './job-statistics.js';
export { addLatencies, latencyClass, noLatencies, percentile, type LatencyCounts } from './latency-histogram.js';
export {
  loadCap,
  otherLoads,
  queuedLoads,
  runningJobs,
  type QueueLoad,
  type RunningJob,
  type StateLoad,
} from './queue-loads.js';
export { findById, findFailure, type Found } from './find-by-id.js';
export { readJobLinks, type JobLinks } from './job-links.js';
export { countCap, JobSearch, type JobCount, type JobLook, type PayloadTest } from './job-search.js';
export { catalogueRules } from './job-rules.js';
export {
  inTransaction,
  isTransientDatabaseError,
  ledgerDataSource,
  ledgerEntities,
  ledgerMigrations,
} from './ledger-database.js';
export { queueDepthCap, readQueueDepths, type LedgerQueue } from './queue-depths.js';
export { observeLedger } from './ledger-gauges.js';
export type { LockedJob, RulesOf } from './locked-jobs.js';
export type { ChangedJob, JobMove } from './write-jobs.js';
export { newJobId } from './job-id.js';
export { type NewJob } from './new-job.js';
export { Outcomes } from './outcomes.js';
export { Quarantine, unknownTenant, type QuarantinedDelivery } from './quarantine.js';
export { readRedrives, readSkippedJobs, type SkippedJob, type StoredRedrive } from './redrive-reader.js';
export { Redriver, type RedriverOptions } from './redriver.js';
export { Redrives, type NewRedrive, type SingleRedrive, type SingleRedriveAnswer } from './redrives.js';
export { observeOutbox, Relay, type Dispatch } from './relay.js';
export { forgetRelayed } from './relayed.js';
export { nextFireTimes } from './fire-times.js';
export { mostCatchUps, type MisfirePolicy, type OverlapPolicy } from './schedule-policy.js';
export {
  forgetFirings,
  ScheduleStore,
  type ScheduleChange,
  type StoredFiring,
  type StoredSchedule,
} from './schedule-store.js';
export { Schedules, type FiredSchedule, type NewSchedule } from './schedules.js';
export { readSharedJob, type SharedJob } from './shared-job.js';
export { forgetStatusLinks, StatusLinks, type NewStatusLink, type StatusLink } from './status-links.js';
export { Sweeper } from './sweeper.js';
export { Timekeeper } from './timekeeper.js';
export type { DependencyCondition, DependencyOtherwise, GraphEdge, GraphFault } from './workflow-graph.js';
export { InvalidGraph, Workflows, type NewWorkflow, type WorkflowJob } from './workflows.js';
export { ledgerEventTypes, notifyWebhooks, type WebhookMessage } from './webhook-messages.js';
export { Webhooks, type Webhook, type WebhookChange } from './webhooks.js';
export { forgetWorkers, liveWorkers, type WorkerRecord } from './workers.js';
