import { JobFailure, type FailureCode, type FailureOptions } from '@roundhouse/jobs';

/** What a provider answered when it did not answer 2xx; the cause of the JobFailure made of it. */
export class HttpAnswerError extends Error {
  override readonly name = 'HttpAnswerError';
  constructor(
    readonly status: number,
    /** The provider's own error code (`code` of its body) as text, '' without one. */
    readonly providerCode: string,
    /** The provider's own message, shortened, '' without one. */
    readonly providerMessage: string,
  ) {
    super(`HTTP ${status}${providerCode && ` (${providerCode})`}${providerMessage && `: ${providerMessage}`}`);
  }
}

/** Whether `error` is a refusal (HTTP 400 or 422) whose own message matches. */
export function providerSays(error: unknown, message: RegExp): boolean {
  if (!(error instanceof JobFailure) || error.code !== 'INVALID_INPUT') return false;
  return error.cause instanceof HttpAnswerError && message.test(error.cause.providerMessage);
}

export interface Answered {
  /** Who answered, for messages: 'Alpaca'. */
  provider: string;
  /** Which credential to renew: 'API key of connection "main"'. */
  credential: string;
  /** Method, host and path without the query (which may carry a signature). */
  request: string;
  status: number;
  body: string;
  retryAfterMs: number | undefined;
}

const MESSAGE_LIMIT = 300;

function text(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  return String(value)
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim()
    .slice(0, MESSAGE_LIMIT);
}

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** Code and message of the error bodies in use: `{code,message}`, `{code,msg}`, `{chart:{error:{code,description}}}`. */
function providerError(body: string): { code: string; message: string } {
  let json: Fields;
  try {
    json = fields(JSON.parse(body));
  } catch {
    return { code: '', message: '' }; // an HTML page of a proxy says nothing to a user
  }
  const chart = fields(fields(json.chart).error);
  return {
    code: text(json.code ?? chart.code),
    message: text(json.message ?? json.msg ?? chart.description ?? json.error),
  };
}

/** The failure of an answer that is not 2xx. */
export function answerFailure(answer: Answered): JobFailure {
  const { provider, status, request } = answer;
  const { code, message } = providerError(answer.body);
  const said = message ? `: ${message}` : '';
  const cause = new HttpAnswerError(status, code, message);
  const fail = (failure: FailureCode, what: string, options: FailureOptions = {}): JobFailure =>
    new JobFailure(failure, `${provider} ${what}`, { cause, ...options });

  if (status === 401 || status === 403)
    return fail(
      'UNAUTHENTICATED',
      `refused the ${answer.credential} (HTTP ${status})${said}. Renew it and import again`,
      {
        field: 'connection_id',
      },
    );
  if (status === 429 || status === 418)
    return fail('RATE_LIMITED', `limits the rate of requests (HTTP ${status})${said}`, {
      retryAfterMs: answer.retryAfterMs,
    });
  if (status === 400 || status === 422) return fail('INVALID_INPUT', `refused ${request} (HTTP ${status})${said}`);
  if (status === 404) return fail('NOT_FOUND', `knows nothing at ${request} (HTTP 404)${said}`);
  if (status === 408) return fail('TIMEOUT', `gave up on ${request} (HTTP 408)${said}`);
  if (status >= 500)
    return fail('UNAVAILABLE', `failed at ${request} (HTTP ${status})${said}`, { retryAfterMs: answer.retryAfterMs });
  if (status >= 300 && status < 400)
    return fail(
      'FAILED_PRECONDITION',
      `redirects ${request} (HTTP ${status}); redirects are not followed, correct the base URL`,
      {
        field: 'base_url',
      },
    );
  return fail('FAILED_PRECONDITION', `answered ${request} with HTTP ${status}${said}`);
}
