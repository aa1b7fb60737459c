export { Acceptance, type Accepted, type Submission } from './acceptance/acceptance.js';
export { allows, apiKeyScopes, type ApiKeyScope } from './tenancy/api-key-scopes.js';
export { ApiKeys, type ApiKeyIdentity } from './tenancy/api-keys.js';
export {
  readAudit,
  writeAudit,
  type AuditEntry,
  type AuditFilter,
  type StoredAuditEntry,
} from './tenancy/audit-log.js';
export { BatchCancellation } from './groups/batch-cancellation.js';
export type { CallbackName } from './transitions/batch-counts.js';
export { BatchStates } from './groups/batch-states.js';
export {
  BatchReader,
  type BatchPage,
  type BatchView,
  type WorkflowNode,
  type WorkflowView,
} from './groups/batch-reader.js';
export { BatchClosed, Batches, type CreatedBatch, type NewBatch } from './groups/batches.js';
export { cancelledAmong } from './commands/cancelled-jobs.js';
export { Cancellation, type CancelAnswer } from './commands/cancellation.js';
export { Claims } from './claiming/claims.js';
export { forgetIdempotencyKeys, IdempotencyConflict, type IdempotencyKey } from './acceptance/idempotency.js';
export { jobOfKind, type JobOrigin, type JobOverrides } from './records/job-of-kind.js';
export { pause, pauseWait, readPauses, resume, type Pause, type PauseScope } from './limits/pauses.js';
export { Reconciler } from './dispatch/reconciler.js';
export { UniqueConflict } from './acceptance/uniqueness.js';
export { DispatchWindow } from './dispatch/dispatch-window.js';
export { JobTiming, type MoveAnswer } from './commands/job-timing.js';
export { operatorTenant } from './tenancy/operator.js';
export { bucketKey, contractRate, readBuckets, setRate, type BucketView, type Rate } from './limits/rate-buckets.js';
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
} from './limits/slot-limits.js';
export { isScheduledCursor, readScheduled, type ScheduledPage } from './reading/scheduled-jobs.js';
export { available, isPaused } from './limits/token-bucket.js';
export { estimateByProgress, type Eta } from './explaining/explain-eta.js';
export type { AttemptAccount, TimeAccount, TimeCause, TimeSegment } from './explaining/explain-job.js';
export type { Holder, Holdup, Stuck } from './explaining/explain-reason.js';
export { Explanations, type Explanation } from './explaining/explanations.js';
export { bucketText, limitText, pauseText } from './limits/gate-text.js';
export { InvalidCron, nextFireTime } from './time/cron.js';
export type { DeadFilter } from './dead/dead-filter.js';
export { countDead, deadGroups, failureStatuses, type DeadGroup, type FailureStatus } from './dead/dead-groups.js';
export { FailureMarks, type FailureMark, type Mute } from './dead/failure-marks.js';
export { discardDead } from './dead/discards.js';
export {
  endOfDomainEvents,
  isFeedCursor,
  readDomainEvents,
  type FeedStart,
  type StoredDomainEvent,
} from './notices/domain-event-log.js';
export { JobEntity, type StoredError } from './storage/entities/job.entity.js';
export { attemptsOf, type JobAttempt } from './reading/job-attempts.js';
export { arrivedJobs } from './reading/job-changes.js';
export { readAttemptLog, type AttemptLine, type AttemptLogPage } from './reading/attempt-log-reader.js';
export { forgetAttemptLogs } from './outcomes/attempt-logs.js';
export { forgetRevokedSessions, RevokedSessions } from './tenancy/revoked-sessions.js';
export { Reruns, type Rerun, type RerunAnswer } from './commands/reruns.js';
export { readHistory, type StoredHistoryEntry } from './records/job-history.js';
export { JobReader, type JobDetail, type JobFilter, type JobPage } from './reading/job-reader.js';
export { JobMeter } from './figures/job-meter.js';
export { forgetStatistics, readStatistics, type JobFigures, type MinuteFigures } from './figures/job-statistics.js';
export {
  addLatencies,
  latencyClass,
  noLatencies,
  percentile,
  type LatencyCounts,
} from './figures/latency-histogram.js';
export {
  loadCap,
  otherLoads,
  queuedLoads,
  runningJobs,
  type QueueLoad,
  type RunningJob,
  type StateLoad,
} from './figures/queue-loads.js';
export { findById, findFailure, type Found } from './reading/find-by-id.js';
export { readJobLinks, type JobLinks } from './reading/job-links.js';
export { countCap, JobSearch, type JobCount, type JobLook, type PayloadTest } from './reading/job-search.js';
export { catalogueRules } from './records/job-rules.js';
export {
  inTransaction,
  isTransientDatabaseError,
  ledgerDataSource,
  ledgerEntities,
  ledgerMigrations,
} from './storage/ledger-database.js';
export { queueDepthCap, readQueueDepths, type LedgerQueue } from './figures/queue-depths.js';
export { observeLedger } from './figures/ledger-gauges.js';
export type { LockedJob, RulesOf } from './records/locked-jobs.js';
export type { ChangedJob, JobMove } from './transitions/write-jobs.js';
export { newJobId } from './records/job-id.js';
export { type NewJob } from './records/new-job.js';
export { Outcomes } from './outcomes/outcomes.js';
export { Quarantine, unknownTenant, type QuarantinedDelivery } from './outcomes/quarantine.js';
export { readRedrives, readSkippedJobs, type SkippedJob, type StoredRedrive } from './dead/redrive-reader.js';
export { Redriver, type RedriverOptions } from './dead/redriver.js';
export { Redrives, type NewRedrive, type SingleRedrive, type SingleRedriveAnswer } from './dead/redrives.js';
export { observeOutbox, Relay, type Dispatch } from './dispatch/relay.js';
export { forgetRelayed } from './dispatch/relayed.js';
export { nextFireTimes } from './time/fire-times.js';
export { mostCatchUps, type MisfirePolicy, type OverlapPolicy } from './time/schedule-policy.js';
export {
  forgetFirings,
  ScheduleStore,
  type ScheduleChange,
  type StoredFiring,
  type StoredSchedule,
} from './time/schedule-store.js';
export { Schedules, type FiredSchedule, type NewSchedule } from './time/schedules.js';
export { readSharedJob, type SharedJob } from './reading/shared-job.js';
export { forgetStatusLinks, StatusLinks, type NewStatusLink, type StatusLink } from './tenancy/status-links.js';
export { Sweeper } from './dispatch/sweeper.js';
export { Timekeeper } from './time/timekeeper.js';
export type { DependencyCondition, DependencyOtherwise, GraphEdge, GraphFault } from './groups/workflow-graph.js';
export { InvalidGraph, Workflows, type NewWorkflow, type WorkflowJob } from './groups/workflows.js';
export { ledgerEventTypes, notifyWebhooks, type WebhookMessage } from './notices/webhook-messages.js';
export { Webhooks, type Webhook, type WebhookChange } from './notices/webhooks.js';
export { forgetWorkers, liveWorkers, type WorkerRecord } from './claiming/workers.js';
