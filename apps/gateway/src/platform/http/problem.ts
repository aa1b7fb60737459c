/** The closed set of errors of the REST API; each has one HTTP status. */
export const problemStatus = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  idempotency_conflict: 422,
  too_many_requests: 429,
  headers_too_large: 431,
  internal: 500,
  overloaded: 503,
  unavailable: 503,
} as const;

export type ProblemCode = keyof typeof problemStatus;

const titles: Record<ProblemCode, string> = {
  invalid_request: 'The request is not valid',
  unauthenticated: 'A valid API key is required',
  forbidden: 'The API key does not allow this',
  not_found: 'There is no such thing',
  method_not_allowed: 'This method is not allowed here',
  request_timeout: 'The request did not arrive in time',
  gone: 'It was here and is no more',
  conflict: 'The current state does not allow this',
  precondition_failed: 'A condition of the request does not hold',
  payload_too_large: 'The request is too large',
  unsupported_media_type: 'The content type is not supported',
  range_not_satisfiable: 'The file has no such part',
  idempotency_conflict: 'The idempotency key was used with another request',
  too_many_requests: 'Too often; try again later',
  headers_too_large: 'The headers are too large',
  internal: 'Something unexpected happened on our side',
  overloaded: 'More is waiting than can be taken; try again later',
  unavailable: 'The service cannot answer right now; try again later',
};

/** What is wrong with one field; `path` as in the request: "payload.file.format", "jobs[3].kind". */
export interface FieldError {
  path: string;
  message: string;
}

/** Body of every error answer (RFC 9457). */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  detail: string;
  errors?: FieldError[];
  trace_id?: string;
}

export interface ProblemOptions {
  errors?: FieldError[];
  cause?: unknown;
  retryAfterSeconds?: number;
  /** Further headers of the answer. */
  headers?: Record<string, string>;
}

/** An error that is meant for the client; everything else becomes `internal` and says nothing about the inside. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
  }

  get status(): number {
    return problemStatus[this.code];
  }

  document(traceId: string | undefined): ProblemDocument {
    return {
      type: `urn:roundhouse:problem:${this.code}`,
      title: titles[this.code],
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.options.errors && { errors: this.options.errors }),
      ...(traceId && { trace_id: traceId }),
    };
  }
}
