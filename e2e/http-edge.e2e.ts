import { waitFor } from '@roundhouse/testing';
import { type Answer, Client } from './platform/client.js';
import { fastest } from './platform/fastest.js';
import { startPlatform, type Platform } from './platform/platform.js';
import { expectProblem, faultyPaths } from './rest/problem.js';
import { RawClient } from './rest/raw-client.js';

const headersTimeout = 1_000;
const requestTimeout = 2_000;
const mostDelayMs = 50;

let platform: Platform;
let acme: Client;
const gateway = () => platform.service('gateway').url;
beforeAll(async () => {
  const ROUNDHOUSE_HTTP_HEADERS_TIMEOUT = `${headersTimeout}ms`;
  const ROUNDHOUSE_HTTP_REQUEST_TIMEOUT = `${requestTimeout}ms`;
  platform = await startPlatform({
    workers: 0,
    envOf: { gateway: { ROUNDHOUSE_HTTP_HEADERS_TIMEOUT, ROUNDHOUSE_HTTP_REQUEST_TIMEOUT } },
  });
  acme = await platform.clientWith('admin');
});
afterAll(() => platform?.stop());

const post = (path: string, body: unknown) => acme.send(path, { method: 'POST', body });
const answerOf = (client: RawClient): Promise<Answer> =>
  waitFor(async () => client.answer() as Answer, { describe: 'an answer' });

describe('integers of 64 bits that are sent as numbers', () => {
  const job = (payload: string) => `{"kind": "platform.probe", "payload": ${payload}, "delay_seconds": 3600}`;
  const large =
    '{"number": 9007199254740993, "numbers": [1, -9223372036854775808], "named_numbers": {"a": 9007199254740993}}';
  const exact = {
    number: '9007199254740993',
    numbers: ['1', '-9223372036854775808'],
    named_numbers: { a: '9007199254740993' },
  };

  it('arrive as they are', async () => {
    const one = await post('/v1/jobs', job(large));
    const many = await post('/v1/jobs/bulk', `{"jobs": [${job(large)}, ${job('{}')}]}`);
    const batch = await post('/v1/batches', `{"name": "numbers", "jobs": [${job(large)}]}`);
    expect([one.status, many.status, batch.status]).toEqual([202, 202, 202]);
    for (const id of [one.body.id, many.body.jobs[0].id]) expect((await acme.job(id)).payload).toMatchObject(exact);
    const { body } = await acme.send(`/v1/jobs?batch_id=${batch.body.id}`);
    expect((await acme.job(body.jobs[0].id)).payload).toMatchObject(exact);
  });

  it('are refused at their place where they would be rounded', async () => {
    const rounded = await post('/v1/jobs', job('{"named_numbers": {"a b": 9007199254740993.0}}'));
    expectProblem(rounded, 400, 'invalid_request');
    expect(rounded.body.errors).toEqual([
      { path: 'payload.named_numbers["a b"]', message: expect.stringContaining('send it as a string') },
    ]);
    const priority = '{"kind": "platform.noop", "options": {"priority": 9007199254740993}}';
    expect(faultyPaths(await post('/v1/jobs', priority))).toEqual(['options.priority']);
    expect(faultyPaths(await post('/v1/jobs/bulk', `{"jobs": [${priority}]}`))).toEqual(['jobs[0].options.priority']);
  });

  it('do not change what is shown of floats', async () => {
    const { body } = await post('/v1/jobs', job('{"ratio": 0.1}'));
    expect((await acme.job(body.id)).payload.ratio).toBe(0.1);
  });
});

it('takes fractions of a millisecond where milliseconds are kept', async () => {
  const made = await post('/v1/schedules', {
    name: 'a',
    kind: 'platform.noop',
    cron: '@daily',
    jitter_seconds: 1.00055,
  });
  expect([made.status, made.body.jitter_seconds]).toEqual([201, 1.001]);
});

describe('text that cannot be stored', () => {
  it.each<[string, string, unknown, string]>([
    ['POST', '/v1/batches', { name: 'a\0b' }, 'name'],
    ['POST', '/v1/pauses', { kind: 'platform.noop', reason: '\0' }, 'reason'],
    ['POST', '/v1/jobs', '{"kind": "platform.noop", "options": {"\\u0000": 1}}', 'options."\\u0000"'],
    ['POST', '/v1/jobs/bulk', { jobs: [{ kind: 'a\0' }] }, 'jobs[0].kind'],
    ['POST', '/v1/batches', '{"name": "\\ud800"}', 'name'],
    ['GET', '/v1/jobs?kind=%00', undefined, 'kind'],
    ['GET', '/v1/jobs?%00=1', undefined, '\0'],
    ['PUT', '/v1/webhooks/%00', {}, 'name'],
  ])('%s %s %j: 400 at %s', async (method, path, body, field) => {
    const answer = await acme.send(path, { method, body });
    expectProblem(answer, 400, 'invalid_request');
    expect(faultyPaths(answer)).toContain(field);
  });

  it('is no fault in a payload', async () => {
    const { status, body } = await post('/v1/jobs', {
      kind: 'platform.probe',
      payload: { text: 'a\0b' },
      delay_seconds: 60,
    });
    expect([status, (await acme.job(body.id)).payload.text]).toEqual([202, 'a\0b']);
  });
});

describe('a body', () => {
  it('that is nested too deep is refused', async () => {
    expectProblem(await post('/v1/jobs', '['.repeat(100_000)), 400, 'invalid_request');
    const deep = `{"kind": "platform.noop", "payload": ${'{"a":'.repeat(99)}1${'}'.repeat(99)}}`;
    expectProblem(await post('/v1/jobs', deep), 400, 'invalid_request');
  });

  it.each([
    ['/v1/jobs', 20],
    ['/v1/jobs', 2],
    ['/v1/jobs/bulk', 20],
  ])('of %s of %d MB is answered, whoever sends it to its end', async (path, megabytes) => {
    const body = Buffer.alloc(megabytes * 1024 * 1024, ' ');
    for (const isChunked of [false, true]) {
      const framing = isChunked ? ['transfer-encoding', 'chunked'] : ['content-length', String(body.length)];
      const client = await RawClient.open(gateway());
      client.ask('POST', path, {
        authorization: `Bearer ${acme.key}`,
        'content-type': 'application/json',
        ...Object.fromEntries([framing]),
      });
      client.send(isChunked ? `${body.length.toString(16)}\r\n` : '');
      client.send(body);
      client.send(isChunked ? '\r\n0\r\n\r\n' : '');
      await client.sent();
      expectProblem(await answerOf(client), 413, 'payload_too_large');
      client.close();
    }
  });

  it('may be larger where it holds many jobs', async () => {
    const jobs = Array.from({ length: 10 }, () => ({ kind: 'platform.probe', payload: { text: 'x'.repeat(200_000) } }));
    expect((await post('/v1/jobs/bulk', { jobs })).status).toBe(202);
  });
});

describe('a request that no route takes', () => {
  it.each([
    ['DELETE', '/v1/jobs', 'GET, HEAD, POST'],
    ['GET', '/v1/jobs/bulk/', undefined],
    ['GET', '/v1/jobs/0199/cancel', 'POST'],
    ['PATCH', '/v1/pauses?x=1', 'GET, HEAD, POST'],
    ['POST', '/', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['POST', '/overview', undefined],
  ])('%s %s says what is allowed: %s', async (method, path, allow) => {
    const answer = await acme.send(path, { method });
    expectProblem(answer, allow ? 405 : 404, allow ? 'method_not_allowed' : 'not_found');
    expect(answer.headers.get('allow') ?? undefined).toBe(allow);
  });
});

describe('a query', () => {
  it.each(['/v1/limits?colour=red', '/v1/webhooks?limit=1', '/v1/jobs?statee=dead', '/v1/overview?token=x'])(
    'is refused when a parameter is unknown: %s',
    async (path) => {
      const answer = await acme.send(path);
      expectProblem(answer, 400, 'invalid_request');
      expect(faultyPaths(answer)).toEqual([/\?(\w+)/.exec(path)?.[1]]);
    },
  );

  it('may be anything where no route of the API is', async () => {
    expect((await acme.send('/healthz?now=1')).status).toBe(200);
  });
});

it('shows figures, limits and rates to keys that see no payload', async () => {
  const viewer = await platform.clientWith('jobs:view');
  const [overview, queues, workers] = await Promise.all(
    ['/v1/overview', '/v1/queues', '/v1/workers'].map((path) => viewer.send(path)),
  );
  expect(overview?.body).toMatchObject({ hour: {}, queues: expect.any(Array), workers: [] });
  expect(queues?.body).toEqual({ at: expect.any(String), queues: expect.any(Array), cap: expect.any(Number) });
  expect(queues?.body.queues.map(({ queue }: { queue: string }) => queue)).toContain('probes');
  expect(workers?.body).toMatchObject({ all_tenants: false, workers: [] });
  expect(workers?.body.queues).toContainEqual({ queue: 'probes', consumed: expect.any(Boolean) });
  for (const path of ['/v1/limits', '/v1/rate-buckets', '/v1/pauses', '/v1/schedules', '/v1/batches'])
    expect([path, (await viewer.send(path)).status]).toEqual([path, 200]);
});

describe('wrong logins', () => {
  const logIn = (address: string, key: string) =>
    platform.anybody().send('/v1/session', {
      method: 'POST',
      body: { api_key: key },
      headers: { 'x-forwarded-for': address },
    });

  it('are refused after twenty a minute from one address, and from that one alone', async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 200; n += 1) answers.push(await logIn('192.0.2.1', `rh_${'0'.repeat(16)}.${'a'.repeat(43)}`));
    const statuses = answers.map(({ status }) => status);
    expect([statuses.lastIndexOf(401), statuses.indexOf(429)]).toEqual([19, 20]);
    const last = answers.at(-1) as Answer;
    expectProblem(last, 429, 'too_many_requests');
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expectProblem(await logIn('192.0.2.1', acme.key ?? ''), 429, 'too_many_requests');
    expect((await logIn('192.0.2.2', acme.key ?? '')).status).toBe(201);
  });
});

describe('what is no request', () => {
  it.each<[string, string, number, string]>([
    ['too large headers', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'invalid_request'],
    ['headers that do not come', 'GET /healthz HTTP/1.1\r\nhost: a\r\n', 408, 'request_timeout'],
    [
      'a body that does not come',
      'POST /v1/session HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
      408,
      'request_timeout',
    ],
  ])('%s is a problem', async (_, text, status, code) => {
    const client = await RawClient.open(gateway());
    client.send(text);
    expectProblem(await answerOf(client), status, code);
    expect(await client.ended).toBeUndefined();
  });
});

describe('somebody without a key', () => {
  const nested = Buffer.from('[{"a":'.repeat((16 * 1024 * 1024) / 6));

  it('is refused before anything of a body is read', async () => {
    const { paths } = (await acme.send('/openapi.json')).body;
    const takesBody = Object.entries<Record<string, { requestBody?: object; security: [] }>>(paths).flatMap(
      ([path, operations]) =>
        Object.entries(operations)
          .filter(([, { requestBody, security }]) => requestBody && security.length > 0)
          .map(([method]) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x')] as const),
    );
    expect(takesBody.length).toBeGreaterThan(20);
    for (const [method, path] of takesBody) {
      const client = await RawClient.open(gateway());
      client.ask(method, path, { 'content-type': 'application/json', 'content-length': nested.length });
      expectProblem(await answerOf(client), 401, 'unauthenticated'); // of the body there is nothing yet
      client.close();
    }
  });

  it('holds up nobody, also as twenty with much to say', async () => {
    const light = () => acme.send('/v1/jobs?limit=1');
    const alone = await medianMs(light);
    const beside = await fastest(alone + mostDelayMs, async () => {
      const hostile = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(gateway())));
      for (const client of hostile) {
        client.ask('POST', '/v1/jobs/bulk', { 'content-type': 'application/json', 'content-length': nested.length });
        client.send(nested);
      }
      const ms = await medianMs(light);
      for (const client of hostile) expectProblem(await answerOf(client), 401, 'unauthenticated');
      for (const client of hostile) client.close();
      return ms;
    });
    expect(beside).toBeLessThan(alone + mostDelayMs);
  });
});

/** Of eleven requests, one after the other. */
async function medianMs(send: () => Promise<Answer>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 11; n += 1) {
    const start = performance.now();
    expect((await send()).status).toBe(200);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[5] ?? Infinity;
}
