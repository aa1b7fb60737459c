import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { exhaustedWaitMs, guardedDispatcher, guardedUrl, refusedWaitMs } from '@roundhouse/http';
import { JobFailure } from '@roundhouse/jobs';
import { request } from 'undici';
import { answerFailure } from './answer-failure.js';

export interface HttpJsonConfig {
  /** Who is asked, for messages: 'Alpaca'. */
  provider: string;
  /** `https://host[:port][/path]`; no credentials, query or fragment in it. */
  baseUrl: string;
  /** Which credential to renew when the provider refuses it: 'API key of connection "main"'. Default 'credential'. */
  credential?: string;
  /** Lets `http:` base URLs through. Default false. */
  allowHttp?: boolean;
  /** Lets private, loopback, link-local and metadata addresses through. Default false. */
  allowPrivate?: boolean;
  /** For one whole answer, body included. Default 15 000. */
  timeoutMs?: number;
  /** Largest body. Default 16 MiB. */
  maxBytes?: number;
  /** Longest sum of waits for a rate limit inside one call; longer ones are thrown as RATE_LIMITED. Default 5 000. */
  maxWaitMs?: number;
}

/** Path and query, appended to the base URL, with the headers of one attempt. */
export interface HttpRequest {
  path: string;
  headers?: Record<string, string>;
}

/** A provider that keeps answering "wait a moment" is left to the job's own backoff after this many tries. */
const MAX_TRIES = 4;
/** Lower bound of a wait, so that `Retry-After: 0` is not a busy loop. */
const SHORTEST_WAIT_MS = 100;

function guardedBaseUrl(config: HttpJsonConfig): URL {
  const what = `The base URL of ${config.provider}`;
  const url = guardedUrl(config.baseUrl, what, 'base_url', config);
  if (url.search || url.hash)
    throw new JobFailure('INVALID_INPUT', `${what} must not hold a query or a fragment`, { field: 'base_url' });
  return url;
}

/**
 * GET requests for JSON from one provider: timeouts, size cap, no redirects, rate limits, and every failure as a
 * JobFailure (UNAUTHENTICATED, INVALID_INPUT, NOT_FOUND, RATE_LIMITED, UNAVAILABLE, TIMEOUT, CANCELLED,
 * FAILED_PRECONDITION). Waits up to `maxWaitMs` are awaited here; the allowance seen in one answer holds for the next call.
 */
export class HttpJson {
  private readonly base: URL;
  private notBefore = 0;

  /** Throws INVALID_INPUT (field `base_url`) when the base URL may not be used. */
  constructor(private readonly config: HttpJsonConfig) {
    this.base = guardedBaseUrl(config);
  }

  /** `build` is called for every attempt, so that a signature carries a fresh timestamp. */
  async get(build: () => HttpRequest, signal: AbortSignal): Promise<unknown> {
    let budget = this.config.maxWaitMs ?? 5_000;
    for (let attempt = 1; ; attempt++) {
      budget -= await this.waitForAllowance(budget, signal);
      const answer = await this.send(build(), signal);
      if (answer.status >= 200 && answer.status < 300) {
        this.holdBack(exhaustedWaitMs(answer.headers, Date.now()));
        return this.parse(answer);
      }
      const wait = refusedWaitMs(answer.headers, Date.now());
      const limited = answer.status === 429 || answer.status === 418;
      if (limited && wait !== undefined) {
        this.holdBack(Math.max(wait, SHORTEST_WAIT_MS));
        if (wait <= budget && attempt < MAX_TRIES) continue;
      }
      throw answerFailure({ ...this.names(answer.path), status: answer.status, body: answer.body, retryAfterMs: wait });
    }
  }

  private holdBack(ms: number): void {
    if (ms > 0) this.notBefore = Math.max(this.notBefore, Date.now() + ms);
  }

  /** Waits until the provider's allowance is there again and returns the milliseconds it took. */
  private async waitForAllowance(budget: number, signal: AbortSignal): Promise<number> {
    const wait = this.notBefore - Date.now();
    if (wait <= 0) return 0;
    if (wait > budget)
      throw new JobFailure('RATE_LIMITED', `The allowance of requests to ${this.config.provider} is used up`, {
        retryAfterMs: wait,
      });
    await sleep(wait, undefined, { signal }).catch((error: unknown) => {
      throw this.interrupted(signal, error);
    });
    return wait;
  }

  private async send(
    { path, headers }: HttpRequest,
    signal: AbortSignal,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string; path: string }> {
    const timeoutMs = this.config.timeoutMs ?? 15_000;
    const timeout = AbortSignal.timeout(timeoutMs);
    const url = this.base.origin + this.base.pathname.replace(/\/$/, '') + path;
    try {
      const response = await request(url, {
        headers: { accept: 'application/json', 'user-agent': 'roundhouse', ...headers },
        dispatcher: guardedDispatcher(this.config),
        signal: AbortSignal.any([signal, timeout]),
      });
      const body = await this.bounded(response.body, path);
      return { status: response.statusCode, headers: response.headers, body, path };
    } catch (error) {
      if (signal.aborted) throw this.interrupted(signal, error);
      const { provider, request: what } = this.names(path);
      if (timeout.aborted)
        throw new JobFailure('TIMEOUT', `${provider} did not answer ${what} within ${timeoutMs} ms`, { cause: error });
      if (error instanceof JobFailure) throw error;
      if (error instanceof Error && error.cause instanceof JobFailure) throw error.cause;
      throw new JobFailure('UNAVAILABLE', `${provider} cannot be reached at ${what}`, { cause: error });
    }
  }

  private async bounded(body: AsyncIterable<Buffer> & { destroy(): unknown }, path: string): Promise<string> {
    const limit = this.config.maxBytes ?? 16 * 1024 * 1024;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) {
        const { provider, request: what } = this.names(path);
        throw new JobFailure(
          'FAILED_PRECONDITION',
          `${provider} answered ${what} with more than ${limit} bytes; ask for less at once`,
        );
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  private parse({ body, path }: { body: string; path: string }): unknown {
    try {
      return JSON.parse(body);
    } catch (cause) {
      const { provider, request: what } = this.names(path);
      throw new JobFailure('UNAVAILABLE', `${provider} answered ${what} with something that is not JSON`, { cause });
    }
  }

  private interrupted(signal: AbortSignal, error: unknown): JobFailure {
    const reason: unknown = signal.reason ?? error;
    if (reason instanceof JobFailure) return reason;
    const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
    return new JobFailure(timedOut ? 'TIMEOUT' : 'CANCELLED', `The request to ${this.config.provider} was given up`, {
      cause: reason,
    });
  }

  private names(path: string): { provider: string; credential: string; request: string } {
    const { provider, credential = 'credential' } = this.config;
    return { provider, credential, request: `GET ${this.base.host}${path.split('?')[0]}` };
  }
}
