import {
  ErrorCode,
  JobError_Retry,
  JobFailed,
  JobSucceeded,
  type JobError,
  type JobEvent,
} from '@roundhouse/contracts';

type Outcome = JobEvent['event'];

export const success = (value: Partial<JobSucceeded> = {}): Outcome => ({
  $case: 'succeeded',
  value: JobSucceeded.fromPartial(value),
});

/** One that another attempt may mend, unless `error` says otherwise. */
export function failure(error: Partial<JobError> = {}): Outcome {
  const full = { code: ErrorCode.UNAVAILABLE, message: 'down', retry: JobError_Retry.YES, ...error };
  return { $case: 'failed', value: JobFailed.fromPartial({ error: full }) };
}

/** A failure after which there is no other attempt. */
export const death = failure({ code: ErrorCode.INVALID_INPUT, message: 'no', retry: JobError_Retry.NO });
