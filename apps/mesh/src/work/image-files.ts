import { guardedDispatcher, guardedUrl, retryAfterMs, type UrlGuard } from '@roundhouse/http';
import { JobFailure } from '@roundhouse/jobs';
import type { ImageSource, ImageUploadStore } from '@roundhouse/mesh';
import type { FileStorage } from '@roundhouse/storage';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { request, type Dispatcher } from 'undici';

const maxBytes = 64 * 1024 * 1024;
const timeoutMs = 30_000;
const maxRedirects = 3;
const field = 'image_url';

/** Puts a request's image into a file. */
export class ImageFiles {
  constructor(
    private readonly uploads: ImageUploadStore,
    private readonly storage: FileStorage,
    private readonly guard: UrlGuard = {},
  ) {}

  /** @returns the file's path. @throws JobFailure NOT_FOUND, INVALID_INPUT, UNAVAILABLE, TIMEOUT */
  async fetch(tenantId: string, source: ImageSource, folder: string, signal: AbortSignal): Promise<string> {
    const path = join(folder, 'image');
    if (source.imageUrl !== undefined) await this.download(source.imageUrl, path, signal);
    else await this.copy(tenantId, source.storageKey, path, signal);
    return path;
  }

  private async copy(tenantId: string, storageKey: string, path: string, signal: AbortSignal): Promise<void> {
    if (!(await this.uploads.find(tenantId, storageKey))) {
      throw new JobFailure('NOT_FOUND', `There is no image ${storageKey}; upload it first`, { field: 'storage_key' });
    }
    await pipeline(await this.storage.open(storageKey), createWriteStream(path), { signal });
  }

  private async download(text: string, path: string, signal: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const any = AbortSignal.any([signal, timeout]);
    const host = URL.canParse(text) ? new URL(text).host : 'the address';
    try {
      const { body } = await this.follow(text, any);
      let bytes = 0;
      await pipeline(
        body,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            bytes += chunk.length;
            if (bytes > maxBytes) throw tooLarge();
            yield chunk;
          }
        },
        createWriteStream(path),
        { signal: any },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted)
        throw new JobFailure('TIMEOUT', `${host} did not send the picture within ${timeoutMs / 1000} s`, {
          field,
          cause: error,
        });
      const known = error instanceof JobFailure ? error : (error as Error).cause;
      if (known instanceof JobFailure)
        throw new JobFailure(known.code, known.message, { field, cause: error, retryAfterMs: known.retryAfterMs });
      throw new JobFailure('UNAVAILABLE', `${host} cannot be reached`, { field, cause: error });
    }
  }

  /** Every hop is checked like the first: a public host may send to a private one. */
  private async follow(text: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let url = guardedUrl(text, "The picture's URL", field, this.guard);
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const answer = await request(url, {
        headers: { 'user-agent': 'roundhouse', accept: 'image/*' },
        dispatcher: guardedDispatcher(this.guard),
        signal,
      });
      const { location } = answer.headers;
      if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== 'string') {
        try {
          return checked(answer, url);
        } catch (error) {
          await answer.body.dump({ limit: 64 * 1024 });
          throw error;
        }
      }
      await answer.body.dump({ limit: 64 * 1024 });
      url = guardedUrl(new URL(location, url).href, 'What the picture redirects to', field, this.guard);
    }
    throw new JobFailure('INVALID_INPUT', `${url.host} redirects more than ${maxRedirects} times`, { field });
  }
}

const tooLarge = () =>
  new JobFailure('INVALID_INPUT', `The picture is larger than ${maxBytes / 1024 / 1024} MiB; reduce it`, { field });

function checked(answer: Dispatcher.ResponseData, url: URL): Dispatcher.ResponseData {
  const { statusCode, headers } = answer;
  if (statusCode === 429 || statusCode >= 500) {
    throw new JobFailure(statusCode === 429 ? 'RATE_LIMITED' : 'UNAVAILABLE', `${url.host} answered ${statusCode}`, {
      field,
      retryAfterMs: retryAfterMs(headers, Date.now()),
    });
  }
  if (statusCode !== 200)
    throw new JobFailure('INVALID_INPUT', `${url.host} answered ${statusCode} instead of a picture`, { field });
  const type = String(headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  if (type && !type.startsWith('image/') && type !== 'application/octet-stream') {
    throw new JobFailure('INVALID_INPUT', `${url.host} sent ${type.slice(0, 50)} instead of a picture`, { field });
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  return answer;
}
