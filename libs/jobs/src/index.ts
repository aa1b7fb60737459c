export { logLimits } from './attempt-log.js';
export { Attempt, type AttemptGrant, type AttemptPorts } from './attempt.js';
export type { EmitOptions, FollowUpOptions, Handler, JobContext, RateFeedbackOptions } from './context.js';
export { EarlyEnd } from './early-end.js';
export { executeDelivery, type ExecutionPorts, type RunningJobs, type Settlement } from './execution.js';
export { judgeFailure, type FailureFacts, type FailurePolicy, type FailureVerdict } from './failure-policy.js';
export { Interruption, type InterruptionReason } from './interruption.js';
export { JobFailure, retriedByDefault, toJobError, type FailureCode, type FailureOptions } from './job-failure.js';
export { transition, type ClaimVerdict, type JobInput, type Transition } from './job-state.js';
export {
  defaultJobRules,
  finalStates,
  isFinal,
  jobStates,
  newJob,
  type JobEffect,
  type JobRules,
  type JobState,
  type JobStatus,
} from './job-status.js';
export { MicroBatch, type MicroBatchOptions } from './micro-batch.js';
export type {
  AttemptOutcome,
  ClaimPort,
  Delivery,
  EventPort,
  ExecutionObserver,
  ExecutionStep,
  Log,
  LogRedaction,
  Transaction,
  TransactionPort,
} from './ports.js';
export type { StepCursor } from './steps.js';
export { Solitude } from './solitude.js';
export { retryDelayMs, type Random } from './retry-delay.js';
export { Rounds, type RoundsOptions } from './rounds.js';
export { WeightedSlots, type SlotClass } from './weighted-slots.js';
export { longestBrokerWaitMs, waitLevelMs, waitLevelsMs } from './wait-level.js';
export { RunningAttempts } from './running-attempts.js';
