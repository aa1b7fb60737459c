import { JobFailure } from '@roundhouse/jobs';
import { startLocalProvider, type LocalProvider, type ProviderAnswer, type ProviderHandler } from '@roundhouse/testing';
import { HttpAnswerError } from './answer-failure.js';
import { HttpJson, type HttpJsonConfig } from './http-json.js';

let provider: LocalProvider | undefined;
afterEach(async () => {
  await provider?.close();
  provider = undefined;
});

const never = new AbortController().signal;

async function client(handler: ProviderHandler, config: Partial<HttpJsonConfig> = {}): Promise<HttpJson> {
  provider = await startLocalProvider(handler);
  return new HttpJson({
    provider: 'Acme',
    baseUrl: provider.baseUrl,
    credential: 'API key of connection "main"',
    allowHttp: true,
    allowPrivate: true,
    ...config,
  });
}

async function failure(promise: Promise<unknown>): Promise<JobFailure> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(JobFailure);
  return error as JobFailure;
}

const ask = (http: HttpJson, signal = never): Promise<unknown> =>
  http.get(() => ({ path: '/v1/things?signature=secret' }), signal);
const answering = (...answers: ProviderAnswer[]): ProviderHandler => {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)];
};
const inSeconds = (s: number): string => String(Math.floor(Date.now() / 1000) + s);

describe('HttpJson', () => {
  it('returns the JSON of an answer', async () => {
    const http = await client(answering({ body: [{ id: 1 }] }));
    await expect(ask(http)).resolves.toEqual([{ id: 1 }]);
  });

  it.each<[number, unknown, Record<string, unknown>, string]>([
    [
      401,
      { code: 40110000, message: 'access key verification failed' },
      { code: 'UNAUTHENTICATED', retryable: false },
      'API key of connection "main"',
    ],
    [403, 'forbidden', { code: 'UNAUTHENTICATED' }, 'Renew it'],
    [400, { code: -1100, msg: 'Illegal characters' }, { code: 'INVALID_INPUT' }, 'Illegal characters'],
    [
      422,
      { code: 40010001, message: 'page_size is invalid' },
      { code: 'INVALID_INPUT', retryable: false },
      'page_size is invalid',
    ],
    [
      404,
      { chart: { error: { code: 'Not Found', description: 'No data found' } } },
      { code: 'NOT_FOUND' },
      'No data found',
    ],
    [500, '<html>oops</html>', { code: 'UNAVAILABLE', retryable: true }, 'HTTP 500'],
    [451, { msg: 'restricted location' }, { code: 'FAILED_PRECONDITION' }, 'restricted location'],
    [302, '', { code: 'FAILED_PRECONDITION', field: 'base_url' }, 'redirects are not followed'],
    [200, '{"bars": [', { code: 'UNAVAILABLE' }, 'not JSON'],
  ])('maps HTTP %i', async (status, body, expected, says) => {
    const http = await client(answering({ status, body, headers: { location: 'http://elsewhere.example' } }));
    const thrown = await failure(ask(http));
    expect(thrown).toMatchObject(expected);
    expect(thrown.message).toContain(says);
    expect(thrown.message).not.toContain('signature');
    expect(provider!.requests).toHaveLength(1);
  });

  it('keeps what the provider said as the cause', async () => {
    const http = await client(answering({ status: 400, body: { code: -1121, msg: 'Invalid symbol.' } }));
    const { cause } = await failure(ask(http));
    expect(cause).toBeInstanceOf(HttpAnswerError);
    expect(cause).toMatchObject({ status: 400, providerCode: '-1121', providerMessage: 'Invalid symbol.' });
  });

  it.each([429, 418])('waits out a short Retry-After of a %i and asks again', async (status) => {
    const http = await client(answering({ status, body: '', headers: { 'retry-after': '0.2' } }, { body: 'true' }));
    const started = Date.now();
    await expect(ask(http)).resolves.toBe(true);
    expect(Date.now() - started).toBeGreaterThanOrEqual(195);
  });

  it('builds every attempt anew', async () => {
    const http = await client(answering({ status: 429, body: '', headers: { 'retry-after': '0' } }, { body: 'true' }));
    let attempt = 0;
    await http.get(() => ({ path: `/?attempt=${++attempt}` }), never);
    expect(provider!.requests.map((r) => r.query.get('attempt'))).toEqual(['1', '2']);
  });

  it('throws a long Retry-After for the job to wait', async () => {
    const http = await client(answering({ status: 418, body: { msg: 'banned' }, headers: { 'retry-after': '120' } }));
    expect(await failure(ask(http))).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 120_000, retryable: true });
    // and does not ask again before the time
    const again = await failure(ask(http));
    expect(again.code).toBe('RATE_LIMITED');
    expect(again.retryAfterMs).toBeGreaterThan(119_000);
    expect(provider!.requests).toHaveLength(1);
  });

  it('throws a long reset plus a second, and a refusal without a time at once', async () => {
    let http = await client(answering({ status: 429, body: '', headers: { 'x-ratelimit-reset': inSeconds(30) } }));
    const { retryAfterMs } = await failure(ask(http));
    expect(retryAfterMs).toBeGreaterThan(29_000);
    expect(retryAfterMs).toBeLessThanOrEqual(31_000);
    await provider!.close();
    http = await client(answering({ status: 429, body: '' }));
    expect(await failure(ask(http))).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: undefined });
  });

  it('leaves a provider that never stops saying "wait" to the job', async () => {
    const http = await client(answering({ status: 429, body: '', headers: { 'retry-after': '0' } }));
    expect(await failure(ask(http))).toMatchObject({ code: 'RATE_LIMITED' });
    expect(provider!.requests).toHaveLength(4);
  });

  it('holds the next request back when nothing remains', async () => {
    const used = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(60) };
    const http = await client(answering({ body: 'true', headers: used }));
    await ask(http);
    expect((await failure(ask(http))).retryAfterMs).toBeGreaterThan(55_000);
    expect(provider!.requests).toHaveLength(1);
  });

  it('waits for a reset that is near', async () => {
    const http = await client((): ProviderAnswer => ({
      body: 'true',
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(0) },
    }));
    await ask(http);
    await expect(ask(http)).resolves.toBe(true);
    expect(provider!.requests).toHaveLength(2);
  });

  it('is interrupted while it waits', async () => {
    const http = await client(answering({ status: 429, body: '', headers: { 'retry-after': '4' } }));
    const abort = new AbortController();
    const pending = failure(ask(http, abort.signal));
    while (provider!.requests.length === 0) await new Promise(setImmediate);
    abort.abort();
    expect(await pending).toMatchObject({ code: 'CANCELLED' });
  });

  it('is interrupted with the reason it is given', async () => {
    const http = await client(() => undefined);
    const reason = new JobFailure('TIMEOUT', 'The job took too long');
    const abort = new AbortController();
    const pending = failure(ask(http, abort.signal));
    while (provider!.requests.length === 0) await new Promise(setImmediate);
    abort.abort(reason);
    expect(await pending).toBe(reason);
  });

  it('gives up on a silent answer and on one that stalls in the middle', async () => {
    let http = await client(() => undefined, { timeoutMs: 100 });
    expect(await failure(ask(http))).toMatchObject({ code: 'TIMEOUT', retryable: true });
    await provider!.close();
    http = await client((_, response) => void response.write('{"a":'), { timeoutMs: 100 });
    expect(await failure(ask(http))).toMatchObject({ code: 'TIMEOUT' });
  });

  it('takes a connection cut in the middle for unavailable', async () => {
    const http = await client((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"a":1', () => response.destroy());
      return undefined;
    });
    expect(await failure(ask(http))).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it('caps the size of an answer', async () => {
    const http = await client(answering({ body: JSON.stringify('x'.repeat(5_000)) }), { maxBytes: 1_000 });
    expect(await failure(ask(http))).toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('reports nobody listening as unavailable', async () => {
    const http = await client(answering({ body: 'true' }));
    await provider!.close();
    const thrown = await failure(ask(http));
    expect(thrown).toMatchObject({ code: 'UNAVAILABLE' });
    expect(thrown.cause).toBeDefined();
  });

  it.each<[string, Partial<HttpJsonConfig>]>([
    ['http://data.example.com', {}],
    ['ftp://data.example.com', { allowHttp: true }],
    ['no url', {}],
    ['https://user:secret@data.example.com', {}],
    ['https://data.example.com/?key=1', {}],
    ['https://10.0.0.1', {}],
    ['https://0x7f.1', {}],
    ['https://[::ffff:169.254.169.254]', {}],
    ['http://169.254.169.254', { allowHttp: true }],
  ])('refuses the base URL %s', (baseUrl, config) => {
    expect(() => new HttpJson({ provider: 'Acme', baseUrl, ...config })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', field: 'base_url' }),
    );
  });

  it('refuses a name that resolves to this machine', async () => {
    provider = await startLocalProvider(answering({ body: 'true' }));
    const http = new HttpJson({
      provider: 'Acme',
      baseUrl: provider.baseUrl.replace('127.0.0.1', 'localhost'),
      allowHttp: true,
    });
    expect(await failure(ask(http))).toMatchObject({ code: 'INVALID_INPUT', field: 'base_url' });
    expect(provider.requests).toHaveLength(0);
  });
});
