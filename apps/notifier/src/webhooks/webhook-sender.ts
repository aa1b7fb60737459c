import { guardedDispatcher, guardedUrl, retryAfterMs, type UrlGuard } from '@roundhouse/http';
import { JobFailure } from '@roundhouse/jobs';
import { request } from 'undici';

export interface WebhookAnswer {
  status: number;
  /** Asked for by the receiver. */
  retryAfterMs: number | undefined;
}

export interface OutboundWebhook {
  url: string;
  headers: Record<string, string>;
  body: string;
}

// The answer's body means nothing; a little is read so that the connection can be used again.
const answerBytes = 64 * 1024;

/** Posts messages to receivers: public addresses only, no redirects, a time limit. */
export class WebhookSender {
  constructor(
    private readonly guard: UrlGuard = {},
    /** For the whole answer. */
    private readonly timeoutMs = 20_000,
  ) {}

  /** @throws JobFailure INVALID_INPUT for a URL that may not be called, TIMEOUT, UNAVAILABLE; any status is an answer */
  async post({ url, headers, body }: OutboundWebhook, signal: AbortSignal): Promise<WebhookAnswer> {
    const target = guardedUrl(url, "The webhook's URL", 'url', this.guard);
    const timeout = AbortSignal.timeout(this.timeoutMs);
    try {
      const answer = await request(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'roundhouse', ...headers },
        body,
        dispatcher: guardedDispatcher(this.guard),
        signal: AbortSignal.any([signal, timeout]),
      });
      await answer.body.dump({ limit: answerBytes });
      return { status: answer.statusCode, retryAfterMs: retryAfterMs(answer.headers, Date.now()) };
    } catch (error) {
      signal.throwIfAborted();
      // Without path and query: they may hold a token.
      const { host } = target;
      if (timeout.aborted) {
        throw new JobFailure('TIMEOUT', `${host} did not answer within ${this.timeoutMs} ms`, { cause: error });
      }
      const refused = error instanceof Error && error.cause instanceof JobFailure ? error.cause : error;
      if (refused instanceof JobFailure)
        throw new JobFailure(refused.code, refused.message, { cause: refused, field: 'url' });
      throw new JobFailure('UNAVAILABLE', `${host} cannot be reached`, { cause: error });
    }
  }
}
