import { formatJson, parseJson } from './json.js';
import type { Problem } from './types.js';

/** An error answer of the gateway, or that there was none. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** 0: no answer. */
    readonly status: number,
    readonly problem: Problem | undefined,
    message: string,
  ) {
    super(message);
  }
}

let csrfToken: string | undefined;
let onUnauthenticated: (() => void) | undefined;

/** The token of the session, for everything but GET. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** Called when the gateway no longer knows the session. */
export function whenUnauthenticated(listener: () => void): void {
  onUnauthenticated = listener;
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

export interface RequestOptions {
  query?: Query;
  /** JSON, or a form with files. */
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

function search(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const item of [value].flat()) parameters.append(name, String(item));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

async function call(method: string, path: string, options: RequestOptions): Promise<unknown> {
  const { query = {}, body, signal, headers = {} } = options;
  const isForm = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(`${path}${search(query)}`, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
        ...(method !== 'GET' && csrfToken && { 'x-csrf-token': csrfToken }),
        ...headers,
      },
      body: body === undefined || isForm ? (body as FormData | undefined) : formatJson(body),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, undefined, 'The gateway does not answer. Is it running, and is this computer online?');
  }
  return read(response);
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  const value = isJson && text !== '' ? parseJson(text) : undefined;
  if (response.ok) return isJson ? value : text;
  if (response.status === 401) onUnauthenticated?.();
  const problem = value as Problem | undefined;
  throw new ApiError(response.status, problem, problem?.detail ?? `The gateway answered ${response.status}`);
}

/**
 * Sends a form and tells how much of it has gone out, which `fetch` cannot.
 * @param onProgress 0 … 1
 */
function upload(path: string, form: FormData, onProgress: (share: number) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('accept', 'application/json');
    if (csrfToken) request.setRequestHeader('x-csrf-token', csrfToken);
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total));
    request.addEventListener('error', () =>
      reject(
        new ApiError(0, undefined, 'The file could not be sent. Is the gateway running, and is this computer online?'),
      ),
    );
    request.addEventListener('load', () => {
      const headers = { 'content-type': request.getResponseHeader('content-type') ?? '' };
      read(new Response(request.responseText || null, { status: request.status, headers })).then(resolve, reject);
    });
    request.send(form);
  });
}

/** The REST API in the session of this page. `T` is a type of the OpenAPI document (types.ts). @throws ApiError */
export const api = {
  get: <T>(path: string, options: RequestOptions = {}): Promise<T> => call('GET', path, options) as Promise<T>,
  post: <T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> =>
    call('POST', path, { ...options, body }) as Promise<T>,
  upload: <T>(path: string, form: FormData, onProgress: (share: number) => void): Promise<T> =>
    upload(path, form, onProgress) as Promise<T>,
  put: <T>(path: string, body?: unknown): Promise<T> => call('PUT', path, { body }) as Promise<T>,
  patch: <T>(path: string, body?: unknown): Promise<T> => call('PATCH', path, { body }) as Promise<T>,
  delete: <T>(path: string, options: RequestOptions = {}): Promise<T> => call('DELETE', path, options) as Promise<T>,
};
