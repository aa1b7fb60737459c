import { ErrorCode, JobError, JobError_Retry } from '@roundhouse/contracts';

/** The closed set of failure codes; their meaning stands in proto/roundhouse/platform/v1/error.proto. */
export type FailureCode = Exclude<keyof typeof ErrorCode, 'UNSPECIFIED' | 'UNRECOGNIZED'>;

const retriedByDefault: Record<FailureCode, boolean> = {
  INVALID_INPUT: false,
  NOT_FOUND: false,
  UNAUTHENTICATED: false,
  FAILED_PRECONDITION: false,
  UNAVAILABLE: true,
  RATE_LIMITED: true,
  TIMEOUT: true,
  INTERNAL: true,
  LOST: true,
  POISON: false,
  CANCELLED: false,
};

export interface FailureOptions {
  cause?: unknown;
  /** Overrides the code's default. */
  retry?: boolean;
  /** Not earlier than this many milliseconds from now (Retry-After). */
  retryAfterMs?: number;
  /** Path of the field, row or file at fault. */
  field?: string;
}

/** The one error type of handlers. Whether it is retried is decided here, not by who catches it. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;

  constructor(
    readonly code: FailureCode,
    message: string,
    options: FailureOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retry ?? retriedByDefault[code];
    this.retryAfterMs = options.retryAfterMs;
    this.field = options.field;
  }

  /** Anything thrown becomes a JobFailure: what is not one already is INTERNAL, with the original as its cause. */
  static from(error: unknown): JobFailure {
    if (error instanceof JobFailure) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new JobFailure('INTERNAL', message || 'The handler threw without a message', { cause: error });
  }
}

/** The stack followed by the stacks of its causes, for operators. */
function stackWithCauses(error: Error): string {
  const parts: string[] = [];
  for (let e: unknown = error; e !== undefined && parts.length < 8; e = e instanceof Error ? e.cause : undefined) {
    parts.push(e instanceof Error ? (e.stack ?? e.message) : String(e));
  }
  return parts.join('\ncaused by: ');
}

export function toJobError(failure: JobFailure): JobError {
  return {
    code: ErrorCode[failure.code],
    message: failure.message,
    retry: failure.retryable ? JobError_Retry.YES : JobError_Retry.NO,
    retryAfter:
      failure.retryAfterMs === undefined
        ? undefined
        : { seconds: Math.floor(failure.retryAfterMs / 1000), nanos: Math.round((failure.retryAfterMs % 1000) * 1e6) },
    field: failure.field ?? '',
    stack: stackWithCauses(failure),
  };
}
