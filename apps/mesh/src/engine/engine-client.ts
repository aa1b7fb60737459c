import { guardedDispatcher, guardedUrl, retryAfterMs, type UrlGuard } from '@roundhouse/http';
import { JobFailure } from '@roundhouse/jobs';
import { createWriteStream, openAsBlob } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { FormData, request, type Dispatcher } from 'undici';
import { z } from 'zod';

export interface EngineAddress {
  url: string;
  /** Sent as a bearer token. */
  key?: string;
  /** Where results may be fetched besides the engine's own origin. */
  guard?: UrlGuard;
}

const statusSchema = z.object({
  status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  progress: z.number().min(0).max(100).default(0),
  result_url: z.string().max(2_000).default(''),
  message: z.string().max(2_000).default(''),
});
export type EngineStatus = z.output<typeof statusSchema>;

const createdSchema = z.object({ task_id: z.string().min(1).max(200) });
const healthSchema = z.object({
  name: z.string().max(100).default('external'),
  version: z.string().max(100).default(''),
});

interface RequestContent {
  body?: Dispatcher.DispatchOptions['body'];
  headers?: Record<string, string>;
}

const requestTimeoutMs = 15_000;
const maxResultBytes = 256 * 1024 * 1024;
const field = 'options.engine';

/**
 * An engine behind HTTP: `GET /health`, `POST /tasks` (form with image, options and callback_url; honours Idempotency-Key),
 * `GET /tasks/{id}`, `DELETE /tasks/{id}`, and a URL that gives the result.
 */
export class EngineClient {
  constructor(private readonly address: EngineAddress) {}

  /** Undefined: it cannot take work now. */
  async health(signal: AbortSignal): Promise<{ name: string; version: string } | undefined> {
    try {
      return healthSchema.parse(await this.json('GET', '/health', signal));
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  async create(
    imagePath: string,
    options: unknown,
    key: string,
    callbackUrl: string | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const form = new FormData();
    form.set('options', JSON.stringify(options));
    if (callbackUrl) form.set('callback_url', callbackUrl);
    form.set('image', await openAsBlob(imagePath), 'image');
    const answer = await this.json('POST', '/tasks', signal, {
      body: form as never,
      headers: { 'idempotency-key': key },
    });
    return this.understood(createdSchema, answer).task_id;
  }

  async status(taskId: string, signal: AbortSignal): Promise<EngineStatus> {
    return this.understood(statusSchema, await this.json('GET', `/tasks/${encodeURIComponent(taskId)}`, signal));
  }

  /** False: the engine does not know the task any more. */
  async cancel(taskId: string, signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await this.ask('DELETE', `/tasks/${encodeURIComponent(taskId)}`, signal);
      await answer.body.dump();
      return true;
    } catch (error) {
      if (error instanceof JobFailure && error.code === 'NOT_FOUND') return false;
      throw error;
    }
  }

  async fetchResult(url: string, path: string, signal: AbortSignal): Promise<void> {
    const base = new URL(this.address.url);
    const absolute = URL.canParse(url, base.href) ? new URL(url, base) : undefined;
    const own = absolute?.origin === base.origin;
    const target = own ? absolute : guardedUrl(absolute?.href ?? url, "The result's URL", field, this.address.guard);
    const answer = await this.send(target, {
      method: 'GET',
      // The key is the engine's own: a storage of somebody else's must not see it.
      headers: own ? this.authorization() : {},
      dispatcher: own ? undefined : guardedDispatcher(this.address.guard ?? {}),
      signal: AbortSignal.any([signal, AbortSignal.timeout(120_000)]),
    });
    let bytes = 0;
    await pipeline(
      answer.body,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > maxResultBytes)
            throw new JobFailure('INVALID_INPUT', `The engine's result is larger than ${maxResultBytes} bytes`, {
              field,
            });
          yield chunk;
        }
      },
      createWriteStream(path),
      { signal },
    );
  }

  private authorization(): Record<string, string> {
    return this.address.key ? { authorization: `Bearer ${this.address.key}` } : {};
  }

  private understood<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
    const read = schema.safeParse(answer);
    if (read.success) return read.data;
    throw new JobFailure('UNAVAILABLE', `The engine's answer is not understood: ${z.prettifyError(read.error)}`, {
      field,
      cause: read.error,
    });
  }

  private async json(
    method: Dispatcher.HttpMethod,
    path: string,
    signal: AbortSignal,
    content: RequestContent = {},
  ): Promise<unknown> {
    const answer = await this.ask(method, path, signal, content);
    return answer.body.json().catch((error: unknown) => {
      throw new JobFailure('UNAVAILABLE', 'The engine did not answer with JSON', { field, cause: error });
    });
  }

  private ask(
    method: Dispatcher.HttpMethod,
    path: string,
    signal: AbortSignal,
    { body, headers = {} }: RequestContent = {},
  ): Promise<Dispatcher.ResponseData> {
    const url = new URL(`${this.address.url.replace(/\/$/, '')}${path}`);
    return this.send(url, {
      method,
      body,
      headers: { ...this.authorization(), accept: 'application/json', ...headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
    });
  }

  private async send(url: URL, options: Parameters<typeof request<null>>[1]): Promise<Dispatcher.ResponseData> {
    const answer = await request(url, options).catch((error: unknown) => {
      const refused = error instanceof Error && error.cause instanceof JobFailure ? error.cause : undefined;
      throw (
        refused ?? new JobFailure('UNAVAILABLE', `The engine at ${url.host} does not answer`, { field, cause: error })
      );
    });
    if (answer.statusCode < 300) return answer;
    const text = (await answer.body.text().catch(() => '')).slice(0, 300);
    const code =
      answer.statusCode === 429
        ? 'RATE_LIMITED'
        : answer.statusCode >= 500
          ? 'UNAVAILABLE'
          : answer.statusCode === 404
            ? 'NOT_FOUND'
            : 'INVALID_INPUT';
    throw new JobFailure(code, `The engine answered ${answer.statusCode}: ${text}`, {
      field,
      retryAfterMs: retryAfterMs(answer.headers, Date.now()),
    });
  }
}
