/* Generated from proto/. Do not edit. */
export { Claim, ClaimDecision, ClaimReply, ClaimRequest, Dropped, Dropped_Reason, Granted, HeartbeatReply, RevokedAttempt, RevokedAttempt_Reason, RunningAttempt, WorkerHeartbeat } from './roundhouse/platform/v1/claim.js';
export { CancelAttempt, ControlMessage, SetLogLevel } from './roundhouse/platform/v1/control.js';
export { DeathNotice } from './roundhouse/platform/v1/death_notice.js';
export { JobDelivery } from './roundhouse/platform/v1/delivery.js';
export { ErrorCode, JobError, JobError_Retry } from './roundhouse/platform/v1/error.js';
export { DomainEvent, FollowUp, JobCancelled, JobCheckpoint, JobDiscarded, JobEvent, JobEvents, JobFailed, JobProgress, JobReleased, JobReleased_Reason, JobSnoozed, JobSucceeded, JobThrottled, RateFeedback } from './roundhouse/platform/v1/event.js';
export { LiveNudge } from './roundhouse/platform/v1/live.js';
export { NoopRequest, NoopResult } from './roundhouse/platform/v1/noop.js';
export { ProbeDone, ProbeRequest, ProbeResult } from './roundhouse/platform/v1/probe.js';
export { ProbeCriticalRequest, ProbeLowRequest, ProbeStepsRequest } from './roundhouse/platform/v1/probe_classes.js';
export { ExclusiveProbeRequest, LimitedProbeRequest, LimitedProbeResult, RatedProbeRequest, RatedProbeResult, YieldingProbeRequest } from './roundhouse/platform/v1/probe_limits.js';
export { ProbeUniqueRequest } from './roundhouse/platform/v1/probe_unique.js';
export { FieldViolation, JobSubmission, SubmitJobsRequest, SubmitJobsRequest_Mode, SubmitJobsResponse, SubmittedJob } from './roundhouse/platform/v1/submit.js';
export { DeliverWebhookRequest, DeliverWebhookResult, WebhookGone } from './roundhouse/platform/v1/webhook.js';
export { DigestReady, GenerateDigestRequest, GenerateDigestResult } from './roundhouse/trading/v1/digest.js';
export { ColumnMapping, ImportProgress, ImportTradesRequest, ImportTradesResult, RowError, TradeFileFormat, UploadedFile } from './roundhouse/trading/v1/import.js';
export { CoachReflect, LabelCount, ScoreBiasRequest, ScoreBiasResult } from './roundhouse/trading/v1/score.js';
export { SimulateSimpleRequest, SimulateSimpleResult } from './roundhouse/trading/v1/simulate.js';
