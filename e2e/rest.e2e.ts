import { randomUUID } from 'node:crypto';
import { Client, finalStates, type Answer } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';
import { announceJob } from './rest/announced-job.js';
import { expectReferences, expectValid, operationIds, routesOf } from './rest/openapi-document.js';
import { expectProblem, faultyPaths } from './rest/problem.js';

let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform();
  ({ acme } = platform);
});
afterAll(() => platform?.stop());

describe('a job', () => {
  it('is accepted, runs and shows everything about itself', async () => {
    const accepted = await acme.send('/v1/jobs', {
      method: 'POST',
      body: { kind: 'platform.probe', payload: { text: 'hello', steps: 2, follow_ups: ['next'] } },
    });
    expect(accepted.status).toBe(202);
    expect(accepted.body).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), state: 'queued' });
    const job = await acme.finished(accepted.body.id);
    expect(job).toMatchObject({
      state: 'succeeded',
      kind: 'platform.probe',
      queue: 'probes',
      attempt: 1,
      failures: 0,
      error: null,
      parent_id: null,
      progress: { percent: 100 },
      payload: { text: 'hello', steps: 2, follow_ups: ['next'] },
      result: { text: 'hello', attempt: 1, steps_done: 2 },
    });
    expect(job.trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(Date.parse(job.created_at)).toBeLessThanOrEqual(Date.parse(job.started_at ?? ''));
    expect(Date.parse(job.started_at ?? '')).toBeLessThanOrEqual(Date.parse(job.finished_at ?? ''));
    expect(job.follow_ups).toHaveLength(1);
    const child = await acme.finished(job.follow_ups[0] ?? '');
    expect(child).toMatchObject({
      state: 'succeeded',
      parent_id: job.id,
      trace_id: job.trace_id,
      payload: { text: 'next' },
    });
  });

  it('waits for its time', async () => {
    const runAt = new Date(Date.now() + 4_000);
    const answer = await acme.send('/v1/jobs', {
      method: 'POST',
      body: { kind: 'platform.noop', payload: {}, run_at: runAt.toISOString() },
    });
    expect(answer.body.state).toBe('scheduled');
    const job = await acme.finished(answer.body.id);
    expect(Date.parse(job.started_at ?? '')).toBeGreaterThanOrEqual(runAt.getTime());
    expect(Date.parse(job.started_at ?? '') - runAt.getTime()).toBeLessThan(20_000);
  });

  it('answers a repeated request like the first one, and another one under the same key with 422', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const send = (text: string) =>
      acme.send('/v1/jobs', { method: 'POST', body: { kind: 'platform.noop', payload: { text } }, headers });
    const answers = await Promise.all([send('a'), send('a'), send('a'), send('a')]);
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.id}`)).size).toBe(1);
    // the same message written differently
    const again = await acme.send('/v1/jobs', {
      method: 'POST',
      body: '{ "payload": {"text":"\\u0061"}, "kind":"platform.noop" }',
      headers,
    });
    expect(again.body.id).toBe(answers[0]?.body.id);
    expectProblem(await send('b'), 422, 'idempotency_conflict');
    expect(
      (
        await platform.globex.send('/v1/jobs', {
          method: 'POST',
          body: { kind: 'platform.noop', payload: { text: 'b' } },
          headers,
        })
      ).status,
    ).toBe(202);
    expectProblem(
      await acme.send('/v1/jobs', {
        method: 'POST',
        body: { kind: 'platform.noop' },
        headers: { 'idempotency-key': 'x'.repeat(256) },
      }),
      400,
      'invalid_request',
    );
  });

  it('of another tenant is not there', async () => {
    const id = await platform.globex.submit('platform.noop', { text: 'secret' });
    const routes: [string, string][] = [
      ['GET', `/v1/jobs/${id}`],
      ['POST', `/v1/jobs/${id}/cancel`],
      ['GET', `/v1/jobs/${id}/events`],
    ];
    for (const [method, path] of routes) {
      const foreign = await acme.send(path, { method });
      const missing = await acme.send(path.replace(id, randomUUID()), { method });
      expectProblem(foreign, 404, 'not_found');
      expectProblem(missing, 404, 'not_found');
      expectProblem(await acme.send(path.replace(id, 'not-an-id'), { method }), 404, 'not_found');
    }
    const { body } = await acme.send('/v1/jobs?limit=500');
    expect(body.jobs.map((job: { id: string }) => job.id)).not.toContain(id);
    expect((await acme.send(`/v1/jobs?parent_id=${id}`)).body.jobs).toEqual([]);
    await platform.globex.finished(id);
  });
});

describe('bulk', () => {
  const bulk = (body: unknown, headers = {}) => acme.send('/v1/jobs/bulk', { method: 'POST', body, headers });
  const noop = (text: string) => ({ kind: 'platform.noop', payload: { text } });
  const count = async () =>
    (await platform.ledger.query(`select count(*)::integer as n from ledger.jobs where tenant_id = 'acme'`))[0].n;

  it('takes 1000 jobs in order, and no more', async () => {
    const answer = await bulk({ jobs: Array.from({ length: 1_000 }, (_, i) => noop(`bulk ${i}`)) });
    expect(answer.status).toBe(202);
    const ids: string[] = answer.body.jobs.map((job: { id: string }) => job.id);
    expect(new Set(ids).size).toBe(1_000);
    await platform.allFinished(ids);
    expect((await acme.job(ids[731] ?? '')).result).toEqual({ text: 'bulk 731' });
    const before = await count();
    const tooMany = await bulk({ jobs: Array.from({ length: 1_001 }, (_, i) => noop(`${i}`)) });
    expectProblem(tooMany, 400, 'invalid_request');
    expect(faultyPaths(tooMany)).toEqual(['jobs']);
    expectProblem(await bulk({ jobs: [] }), 400, 'invalid_request');
    expect(await count()).toBe(before);
  });

  it('takes all or none, and names every fault', async () => {
    const before = await count();
    const answer = await bulk({
      mode: 'all_or_nothing',
      jobs: [
        noop('ok'),
        { kind: 'no.such' },
        { kind: 'platform.probe', payload: { steps: 2_000, wrong: 1 } },
        'text',
        { payload: {} },
      ],
    });
    expectProblem(answer, 400, 'invalid_request');
    expect(faultyPaths(answer)).toEqual(
      expect.arrayContaining(['jobs[1].kind', 'jobs[2].payload.wrong', 'jobs[3]', 'jobs[4].kind']),
    );
    expect(await count()).toBe(before);
  });

  it('takes the good ones when asked for each by itself', async () => {
    const answer = await bulk({
      mode: 'per_item',
      jobs: [noop('a'), { kind: 'no.such' }, noop('b'), { kind: 'platform.probe', payload: { steps: 2_000 } }],
    });
    expect(answer.status).toBe(202);
    const [a, wrong, b, tooMany] = answer.body.jobs;
    expect([a.errors, b.errors, wrong.id, tooMany.id]).toEqual([undefined, undefined, undefined, undefined]);
    expect(wrong.errors).toMatchObject([{ path: 'kind' }]);
    expect(tooMany.errors).toMatchObject([{ path: 'payload.steps' }]);
    expect((await acme.finished(b.id)).result).toEqual({ text: 'b' });
    expect((await bulk({ mode: 'per_item', jobs: [{ kind: 'no.such' }] })).body.jobs).toMatchObject([
      { errors: [{ path: 'kind' }] },
    ]);
  });

  it('is repeated under an idempotency key', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await bulk({ jobs: [noop('a'), noop('b')] }, headers);
    expect((await bulk({ jobs: [noop('a'), noop('b')] }, headers)).body).toEqual(first.body);
    expectProblem(await bulk({ jobs: [noop('a')] }, headers), 422, 'idempotency_conflict');
  });
});

describe('the list', () => {
  it('pages through everything once, newest first, while jobs are added', async () => {
    const mine = await Promise.all(
      Array.from({ length: 25 }, (_, i) => platform.globex.submit('platform.noop', { text: `${i}` })),
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: Answer = await platform.globex.send(`/v1/jobs?limit=4${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...body.jobs.map((job: { id: string }) => job.id));
      cursor = body.next;
      await platform.globex.submit('platform.noop', {});
    } while (cursor);
    expect(seen).toEqual([...seen].sort().reverse());
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(mine));
  });

  it('filters', async () => {
    const start = new Date().toISOString();
    const parent = await acme.probe({ text: 'p', follow_ups: ['c'] });
    const dead = await acme.probe({ failures: 1, failure_code: 'ERROR_CODE_INVALID_INPUT' });
    const {
      follow_ups: [child],
    } = await acme.finished(parent);
    expect((await acme.finished(dead)).error).toMatchObject({ code: 'INVALID_INPUT' });
    await acme.finished(child ?? '');
    const list = async (query: string) =>
      (await acme.send(`/v1/jobs?created_after=${start}&${query}`)).body.jobs.map((job: { id: string }) => job.id);
    expect(await list('')).toEqual([parent, dead, child].sort().reverse());
    expect(await list('state=dead')).toEqual([dead]);
    expect(await list('state=dead,cancelled')).toEqual([dead]);
    expect(await list('state=succeeded&state=dead')).toHaveLength(3);
    expect(await list(`parent_id=${parent}`)).toEqual([child]);
    expect(await list('kind=platform.noop')).toEqual([]);
    expect(await list('queue=probes&limit=1')).toEqual([[parent, dead, child].sort().at(-1)]);
    expect(await list(`created_before=${start}`)).toEqual([]);
  });

  it.each([
    ['state=finished', 'state[0]'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['cursor=abc', 'cursor'],
    ['parent_id=1', 'parent_id'],
    ['created_after=yesterday', 'created_after'],
    ['colour=red', 'colour'],
  ])('refuses %s', async (query, path) => {
    const answer = await acme.send(`/v1/jobs?${query}`);
    expectProblem(answer, 400, 'invalid_request');
    expect(faultyPaths(answer)).toContain(path);
  });
});

describe('a request that is wrong', () => {
  const post = (body: unknown, headers = {}) => acme.send('/v1/jobs', { method: 'POST', body, headers });

  it.each([
    [{ kind: 'no.such_kind', payload: {} }, 'kind'],
    [{ payload: {} }, 'kind'],
    [{ kind: 7 }, 'kind'],
    [{ kind: 'platform.probe', payload: { colour: 'red' } }, 'payload.colour'],
    [{ kind: 'platform.probe', payload: { steps: 'many' } }, 'payload.steps'],
    [{ kind: 'platform.probe', payload: { steps: 1_001 } }, 'payload.steps'],
    [{ kind: 'platform.probe', payload: { work: '-1s' } }, 'payload.work'],
    [{ kind: 'platform.probe', payload: { failure_code: 'SAD' } }, 'payload.failure_code'],
    [{ kind: 'platform.probe', payload: { follow_ups: [1] } }, 'payload.follow_ups[0]'],
    [{ kind: 'platform.probe', payload: [] }, 'payload'],
    [{ kind: 'platform.probe', payload: null }, 'payload'],
    [{ kind: 'platform.noop', run_at: 'tomorrow' }, 'run_at'],
    [{ kind: 'platform.noop', colour: 'red' }, 'colour'],
  ])('%j: 400 at %s', async (body, path) => {
    const answer = await post(body);
    expectProblem(answer, 400, 'invalid_request');
    expect(faultyPaths(answer)).toContain(path);
  });

  it('in itself is answered with a problem, too', async () => {
    const large = await post({ kind: 'platform.noop', payload: { text: 'x'.repeat(300_000) } });
    expectProblem(large, 400, 'invalid_request');
    expect(faultyPaths(large)).toEqual(['payload']);
    expectProblem(await post(''), 400, 'invalid_request');
    expectProblem(await post('{'), 400, 'invalid_request');
    expectProblem(await post('"text"'), 400, 'invalid_request');
    expectProblem(await post('null'), 400, 'invalid_request');
    expectProblem(await post('[]'), 400, 'invalid_request');
    expectProblem(await post('{"__proto__": {"a": 1}, "kind": "platform.noop"}'), 400, 'invalid_request');
    expectProblem(
      await post('kind=platform.noop', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'unsupported_media_type',
    );
    expectProblem(await post('<job/>', { 'content-type': 'application/xml' }), 415, 'unsupported_media_type');
    expectProblem(
      await announceJob(platform.service('gateway').url, acme.key, 17 * 1024 * 1024),
      413,
      'payload_too_large',
    );
    expectProblem(await acme.send('/v1/nothing'), 404, 'not_found');
    expectProblem(await acme.send('/v1/jobs', { method: 'DELETE' }), 405, 'method_not_allowed');
    expectProblem(await acme.send('/v1/jobs/%ZZ'), 400, 'invalid_request');
  });
});

it('says at its root what it is to whoever asks with a program', async () => {
  const { status, headers, text } = await platform.anybody().send('/', { headers: { accept: '*/*' } });
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  const [described] = /http\S+openapi\.json/.exec(text) ?? [];
  expect(((await (await fetch(described!)).json()) as { openapi: string }).openapi).toMatch(/^3\.1/);
});

describe('access', () => {
  it('needs a valid key', async () => {
    const base = () => platform.service('gateway').url;
    const routes: [string, string][] = [
      ['GET', '/v1/jobs'],
      ['POST', '/v1/jobs'],
      ['POST', '/v1/jobs/bulk'],
      ['GET', '/v1/events'],
    ];
    for (const key of [undefined, 'nonsense', `${acme.key}x`, `rh_${'0'.repeat(16)}.${'a'.repeat(43)}`]) {
      for (const [method, path] of routes) {
        const answer = await new Client(base, key).send(path, { method, ...(method === 'POST' && { body: {} }) });
        expectProblem(answer, 401, 'unauthenticated');
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      }
    }
    const basic = await new Client(base, undefined).send('/v1/jobs', {
      headers: { authorization: `Basic ${acme.key}` },
    });
    expectProblem(basic, 401, 'unauthenticated');
  });

  it('needs the scope of the route', async () => {
    const id = await acme.submit('platform.noop', {});
    const [reader, writer, admin] = [
      await platform.clientWith('jobs:read'),
      await platform.clientWith('jobs:write'),
      await platform.clientWith('admin'),
    ];
    const create = { method: 'POST', body: { kind: 'platform.noop' } };
    expectProblem(await reader.send('/v1/jobs', create), 403, 'forbidden');
    expectProblem(await reader.send('/v1/jobs/bulk', { method: 'POST', body: { jobs: [] } }), 403, 'forbidden');
    expectProblem(await reader.send(`/v1/jobs/${id}/cancel`, { method: 'POST' }), 403, 'forbidden');
    expect((await reader.send(`/v1/jobs/${id}`)).status).toBe(200);
    for (const path of ['/v1/jobs', `/v1/jobs/${id}`, `/v1/jobs/${id}/events`, '/v1/events'])
      expectProblem(await writer.send(path), 403, 'forbidden');
    expect((await writer.send('/v1/jobs', create)).status).toBe(202);
    expect((await admin.send('/v1/jobs', create)).status).toBe(202);
    expect((await admin.send('/v1/jobs')).status).toBe(200);
    await acme.finished(id);
  });
});

describe('the platform', () => {
  it('tells that it is alive and ready, and what it counts', async () => {
    expect((await acme.send('/healthz')).body).toEqual({ status: 'alive' });
    const ready = await acme.send('/readyz');
    expect(ready.status).toBe(200);
    expect(ready.body).toEqual({
      status: 'ready',
      checks: [
        { name: 'database', ok: true, essential: true },
        { name: 'broker', ok: true, essential: false },
        { name: 'outbox', ok: true, essential: false },
      ],
    });
    const metrics = await platform.metricsOf('gateway');
    expect(metrics).toMatch(
      /^roundhouse_jobs_accepted_total\{tenant="acme",kind="platform.noop",queue="default"\} \d+$/m,
    );
    expect(metrics).toMatch(/^roundhouse_outbox_size \d+$/m);
    expect(finalStates).toContain((await acme.finished(await acme.submit('platform.noop', {}))).state);
  });

  it('tells nobody on its REST port what is counted: all tenants are in there', async () => {
    const operator = await platform.clientOf('operator', 'admin');
    for (const client of [platform.anybody(), acme, operator])
      expect(await client.send('/metrics')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('describes itself: a valid OpenAPI document with every route, whose references all lead somewhere', async () => {
    const { body: document } = await acme.send('/openapi.json');
    await expectValid(document);
    const routes = routesOf(document);
    expect(routes).toEqual(
      expect.arrayContaining([
        'POST /v1/jobs',
        'POST /v1/jobs/bulk',
        'GET /v1/jobs',
        'GET /v1/jobs/{id}',
        'POST /v1/jobs/{id}/cancel',
        'GET /v1/jobs/{id}/events',
        'GET /v1/events',
        'GET /healthz',
        'GET /readyz',
        'GET /openapi.json',
      ]),
    );
    // What is described exists: without a key every route but the public ones asks for one.
    const stranger = new Client(() => platform.service('gateway').url, undefined);
    for (const route of routes) {
      const [method, path = ''] = route.split(' ');
      const { status } = await stranger.send(path.replaceAll(/\{\w+\}/g, randomUUID()), { method });
      const isPublic = document.paths[path][method?.toLowerCase() ?? ''].security.length === 0;
      // A public route with a parameter is opened by what stands for it, here nothing that exists; who logs in sends a body, who calls back signs.
      const asks: Record<string, number> = { 'POST /v1/session': 400, 'POST /v1/mesh/callbacks/{job}': 401 };
      const refused = asks[route] ?? (path.includes('{') ? 404 : 200);
      expect([route, status]).toEqual([route, isPublic ? refused : 401]);
    }
    expectReferences(document);
    const ids = operationIds(document);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
