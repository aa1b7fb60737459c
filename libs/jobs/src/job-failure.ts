import { ErrorCode, JobError, JobError_Retry } from '@roundhouse/contracts';

/** The closed set of failure codes; their meaning stands in proto/roundhouse/platform/v1/error.proto. */
export type FailureCode = Exclude<keyof typeof ErrorCode, 'UNSPECIFIED' | 'UNRECOGNIZED'>;

/** Whether a failure that says nothing about it is tried again. */
export const retriedByDefault: Readonly<Record<FailureCode, boolean>> = {
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
  DEADLINE_EXCEEDED: false,
};

export interface FailureOptions {
  cause?: unknown;
  /** Overrides the code's default. */
  retry?: boolean;
  /** Not earlier than this many milliseconds from now (Retry-After). What is no such number counts as not given. */
  retryAfterMs?: number;
  /** Path of the field, row or file at fault. */
  field?: string;
}

/** A time read from somebody's header may be anything; NaN would travel into the ledger's clock arithmetic. */
function wholeMs(ms: number | undefined): number | undefined {
  return ms !== undefined && Number.isFinite(ms) && ms >= 0 ? Math.round(ms) : undefined;
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
    this.retryAfterMs = wholeMs(options.retryAfterMs);
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

// An outcome must fit into a message whatever a handler throws: some libraries put whole documents into their errors.
const maxMessageLength = 10_000;
const maxStackLength = 50_000;

const clip = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

export function toJobError(failure: JobFailure): JobError {
  return {
    code: ErrorCode[failure.code],
    message: clip(failure.message, maxMessageLength),
    retry: failure.retryable ? JobError_Retry.YES : JobError_Retry.NO,
    retryAfter:
      failure.retryAfterMs === undefined
        ? undefined
        : { seconds: Math.floor(failure.retryAfterMs / 1000), nanos: (failure.retryAfterMs % 1000) * 1e6 },
    field: failure.field ?? '',
    stack: clip(stackWithCauses(failure), maxStackLength),
  };
}
