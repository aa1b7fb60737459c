import { startLocalProvider, waitFor } from '@roundhouse/testing';
import type { Client, JobView } from './platform/client.js';
import { fastest } from './platform/fastest.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let admin: Client;
let operator: Client;

beforeAll(async () => {
  platform = await startPlatform({ workers: 2, gateways: 2 });
  admin = await platform.clientWith('admin');
  operator = await platform.clientOf('operator', 'admin');
});
afterAll(() => platform?.stop());

const post = (client: Client, path: string, body: object) => client.send(path, { method: 'POST', body });
const put = (client: Client, path: string, body: object) => client.send(path, { method: 'PUT', body });
const remove = (client: Client, path: string) => client.send(path, { method: 'DELETE' });
const started = (job: JobView): number => Date.parse(job.started_at as string);
const blocked = (id: string, on: RegExp) =>
  waitFor(
    async () => {
      const [row] = await platform.ledger.query<{ state: string; blocked_on: string }[]>(
        `select state, blocked_on from ledger.jobs where id = $1`,
        [id],
      );
      return row?.state === 'blocked' && on.test(row.blocked_on);
    },
    { describe: `${id} to wait for ${on}` },
  );
const audited = async (subject: string) => {
  const rows = await platform.ledger.query<{ action: string; actor: string }[]>(
    `select action, actor from ledger.audit_log where subject = $1 order by id`,
    [subject],
  );
  return rows.map((row) => row.action);
};

describe('a pause', () => {
  it.each([
    ['queue', 'probes'],
    ['kind', 'platform.probe'],
    ['tenant', undefined],
  ])(
    'of a %s holds within a second while workers run, and jobs go on within a second of its end',
    async (scope, value) => {
      const { acme, globex } = platform;
      const running = await acme.probe({ work: '4s' });
      await acme.running(running);
      const paused = await post(admin, '/v1/pauses', { scope, value, reason: 'maintenance' });
      expect(paused.body).toMatchObject({ scope, value: value ?? 'acme', reason: 'maintenance', all_tenants: false });
      const ids = await Promise.all([1, 2, 3].map((n) => acme.probe({ text: `${n}` })));
      for (const id of ids) await blocked(id, /^pause:/);
      expect((await globex.finished(await globex.probe({}))).state).toBe('succeeded');
      expect((await acme.finished(running)).state).toBe('succeeded'); // what runs is left alone
      expect((await acme.job(ids[0]!)).attempt).toBe(0);
      expect((await admin.send('/v1/pauses')).body.pauses).toHaveLength(1);
      expect((await globex.send('/v1/pauses')).body.pauses).toEqual([]);
      const path = `/v1/pauses/${scope}/${value ?? 'acme'}`;
      const theirs = await platform.clientOf('globex', 'admin');
      expect((await remove(theirs, path)).status).toBe(404);
      expect((await remove(admin, path)).status).toBe(204);
      for (const id of ids) await acme.finished(id);
      expect((await remove(admin, path)).status).toBe(404);
      expect(await audited(`${scope} ${value ?? 'acme'}`)).toEqual(['pause.set', 'pause.lift']);
      const resumed = await fastest(1_000, async () => {
        await post(admin, '/v1/pauses', { scope, value, reason: 'once more' });
        const id = await acme.probe({});
        await blocked(id, /^pause:/);
        const resumedAt = Date.now();
        await remove(admin, path);
        return started(await acme.finished(id)) - resumedAt;
      });
      expect(resumed).toBeLessThan(1_000);
    },
  );

  it('for all tenants is for operators, and no tenant can lift it', async () => {
    const { acme, globex } = platform;
    await post(operator, '/v1/pauses', { scope: 'kind', value: 'platform.probe', reason: 'a bad release' });
    await post(operator, '/v1/pauses', { scope: 'tenant', value: 'globex', reason: 'unpaid' });
    const [mine, theirs] = [await acme.probe({}), await globex.submit('platform.noop', {})];
    await Promise.all([blocked(mine, /^pause:kind/), blocked(theirs, /^pause:tenant/)]);
    expect((await remove(admin, '/v1/pauses/kind/platform.probe')).status).toBe(404);
    expect((await admin.send('/v1/pauses')).body.pauses).toMatchObject([{ scope: 'kind', all_tenants: true }]);
    await remove(operator, '/v1/pauses/kind/platform.probe');
    await remove(operator, '/v1/pauses/tenant/globex');
    await Promise.all([acme.finished(mine), globex.finished(theirs)]);
  });

  it('of something that does not exist, or by a key without the scope, is refused', async () => {
    const faults = [
      { scope: 'queue', value: 'nowhere', reason: 'x' },
      { scope: 'kind', value: 'no.such', reason: 'x' },
      { scope: 'queue', reason: 'x' },
    ];
    for (const body of faults)
      expect((await post(admin, '/v1/pauses', body)).body).toMatchObject({ status: 400, errors: [{ path: 'value' }] });
    expect((await post(admin, '/v1/pauses', { scope: 'tenant', value: 'globex', reason: 'x' })).status).toBe(403);
    expect((await post(platform.acme, '/v1/pauses', { scope: 'tenant', reason: 'x' })).status).toBe(403);
  });
});

/** The most jobs that ran at the same moment, from their times. */
function mostAtOnce(jobs: JobView[]): number {
  const edges = jobs.flatMap((job) => [
    [started(job), 1] as const,
    [Date.parse(job.finished_at as string), -1] as const,
  ]);
  let [now, most] = [0, 0];
  for (const [, change] of edges.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

describe('a concurrency limit', () => {
  const limited = (n: number, key: string, payload: object = { work: '0.3s' }, client = platform.acme) =>
    Promise.all(Array.from({ length: n }, () => client.submit('platform.probe_limited', { key, ...payload })));
  const done = (ids: string[]) => Promise.all(ids.map((id) => platform.acme.finished(id)));
  const limit = async (name: string, client = admin) => (await client.send(`/v1/limits/${name}`)).body;
  const running = (ids: string[]): Promise<{ started_at: Date }[]> =>
    platform.ledger.query(`select started_at from ledger.jobs where state = 'running' and id = any($1::uuid[])`, [ids]);

  it('holds across workers and gateways; changing it takes effect at once', async () => {
    const jobs = await done([...(await limited(8, 'a'))]);
    expect(jobs.every((job) => job.state === 'succeeded')).toBe(true);
    expect(mostAtOnce(jobs)).toBe(2);

    const raisedAfter = await fastest(1_500, async () => {
      const waiting = await limited(6, 'b', { work: '120s' });
      await waitFor(async () => (await limit('probe_key')).waiting === 4);
      const askedAt = Date.now();
      expect((await put(admin, '/v1/limits/probe_key', { limit: 4, key: ['b'] })).body.keys).toMatchObject([
        { key: ['b'], limit: 4, source: 'set' },
      ]);
      const four = () => running(waiting).then((jobs) => jobs.length === 4 && jobs);
      const jobs = await waitFor(four, { describe: 'four to run' });
      expect(await limit('probe_key')).toMatchObject({ limit: 2, source: 'contract', running: 4, waiting: 2 });
      expect((await remove(admin, `/v1/limits/probe_key?key=${encodeURIComponent('["b"]')}`)).status).toBe(204);
      await Promise.all(waiting.map((id) => post(platform.acme, `/v1/jobs/${id}/cancel`, {})));
      await done(waiting);
      await waitFor(async () => (await limit('probe_key')).running === 0);
      return Math.max(...jobs.map(({ started_at: at }) => at.getTime())) - askedAt;
    });
    expect(raisedAfter).toBeLessThan(1_500);
    expect((await audited('probe_key ["b"]')).slice(0, 2)).toEqual(['limit.set', 'limit.remove']);
  });

  it('is not leaked by a worker that is killed', async () => {
    const ids = await limited(4, 'crash', { work: '0.1s', crashes: 1 }, platform.operator);
    const unsupervised = platform.supervise('probe', 'probe2');
    const jobs = await Promise.all(ids.map((id) => platform.operator.finished(id, 120_000))).finally(unsupervised);
    expect(jobs.map((job) => job.state)).toEqual(Array(4).fill('succeeded'));
    expect(await limit('probe_key', operator)).toMatchObject({ running: 0, waiting: 0 });
  });

  it('is each tenant’s own, unless it is shared: that one is for operators to set', async () => {
    const theirs = await platform.clientOf('globex', 'admin');
    await put(theirs, '/v1/limits/probe_key', { limit: 1 });
    expect(await limit('probe_key')).toMatchObject({ limit: 2, source: 'contract' });
    expect(await limit('probe_key', theirs)).toMatchObject({ limit: 1, source: 'set' });
    expect((await put(admin, '/v1/limits/probe_everywhere', { limit: 1 })).status).toBe(403);
    expect((await put(operator, '/v1/limits/probe_everywhere', { limit: 3 })).body).toMatchObject({ limit: 3 });
    expect(await limit('probe_everywhere')).toMatchObject({ limit: 3, across_tenants: true });
    await remove(operator, '/v1/limits/probe_everywhere');
    expect((await remove(operator, '/v1/limits/probe_everywhere')).status).toBe(404);
    expect((await put(admin, '/v1/limits/nothing', { limit: 1 })).status).toBe(404);
    expect((await put(admin, '/v1/limits/probe_key', { limit: -1 })).body.errors[0].path).toBe('limit');
    expect((await put(admin, '/v1/limits/probe_key', { limit: 1, key: ['a', 'b'] })).body.errors[0].path).toBe('key');
  });
});

describe('a rate limit', () => {
  const rated = (n: number, payload: object = {}, client = platform.acme) =>
    Promise.all(Array.from({ length: n }, () => client.submit('platform.probe_rated', payload)));
  const done = (ids: string[], client = platform.acme) => Promise.all(ids.map((id) => client.finished(id)));
  const bucket = async (client = admin) => (await client.send('/v1/rate-buckets/probe_provider')).body;

  it('holds across workers and gateways, and can be set while jobs wait', async () => {
    expect(await bucket()).toMatchObject({
      per_second: 10,
      burst: 5,
      source: 'contract',
      tokens: 5,
      paused_until: null,
    });
    const jobs = await done(await rated(20));
    const times = jobs.map(started).sort((a, b) => a - b);
    for (let i = 0; i < times.length; i += 1)
      for (let j = i; j < times.length; j += 1)
        expect(j - i + 1).toBeLessThanOrEqual(5 + 10 * ((times[j]! - times[i]!) / 1000 + 0.005));
    expect(jobs.every((job) => job.attempt === 1)).toBe(true);

    await put(admin, '/v1/rate-buckets/probe_provider', { per_second: 0.1, burst: 1 });
    const slow = await rated(10);
    await waitFor(async () => (await bucket()).waiting >= 8);
    const changed = await put(admin, '/v1/rate-buckets/probe_provider', { per_second: 100, burst: 10 });
    expect(changed.body).toMatchObject({ per_second: 100, burst: 10, source: 'set' });
    const start = Date.now();
    await done(slow);
    expect(Date.now() - start).toBeLessThan(30_000); // at the rate that was set before, 90 s
    const theirs = await platform.clientOf('globex', 'admin');
    expect(await bucket(theirs)).toMatchObject({ per_second: 10, source: 'contract' });
    expect((await remove(admin, '/v1/rate-buckets/probe_provider')).status).toBe(204);
    expect(await bucket()).toMatchObject({ per_second: 10, burst: 5, source: 'contract' });
    expect((await remove(admin, '/v1/rate-buckets/probe_provider')).status).toBe(404);
    expect((await put(admin, '/v1/rate-buckets/nobody', { per_second: 1, burst: 1 })).status).toBe(404);
    expect(await audited('probe_provider')).toEqual(['rate.set', 'rate.set', 'rate.reset']);
  });

  it('learned from one worker’s 429 stops them all, costs no attempt, and then jobs come at the bucket’s pace', async () => {
    const asked: number[] = [];
    let refusedAt = 0;
    const provider = await startLocalProvider(() => {
      asked.push(Date.now());
      if (refusedAt > 0) return { body: {} };
      refusedAt = Date.now();
      return { status: 429, headers: { 'retry-after': '8' }, body: {} };
    });
    try {
      const ids = await rated(12, { provider_url: provider.baseUrl }, operator);
      await waitFor(async () => (await bucket(operator)).paused_until !== null);
      const { paused_until: until, tokens } = await bucket(operator);
      expect(tokens).toBe(0);
      const jobs = await done(ids, operator);
      expect(jobs.map(({ state, failures }) => [state, failures])).toEqual(ids.map(() => ['succeeded', 0]));
      // Those that had been granted when the refusal came may still have asked; afterwards there is silence.
      const settled = refusedAt + 5_000;
      const late = asked.filter((at) => at > settled).sort((a, b) => a - b);
      expect(late[0]).toBeGreaterThanOrEqual(Date.parse(until) - 50);
      late.forEach((at, i) => expect(at).toBeGreaterThanOrEqual(Date.parse(until) + i * 100 - 50));
      expect(new Set(jobs.map((job) => job.worker_id)).size).toBeLessThanOrEqual(2);
      expect(asked).toHaveLength(13);
    } finally {
      await provider.close();
    }
  });

  it('told by a provider’s headers stops the bucket before it says no', async () => {
    let left = 2;
    const provider = await startLocalProvider(() => {
      left = Math.max(0, left - 1);
      const headers = { 'ratelimit-remaining': `${left}`, 'ratelimit-reset': '6' };
      const answer = { headers, body: {} };
      if (left === 0) setTimeout(() => (left = 1_000), 5_900);
      return answer;
    });
    try {
      const [first] = await done(await rated(1, { provider_url: provider.baseUrl }, operator), operator);
      expect(first?.state).toBe('succeeded');
      expect((await bucket(operator)).paused_until).toBeNull();
      const [second] = await done(await rated(1, { provider_url: provider.baseUrl }, operator), operator);
      await waitFor(async () => (await bucket(operator)).paused_until !== null);
      const [third] = await done(await rated(1, { provider_url: provider.baseUrl }, operator), operator);
      expect(started(third!) - started(second!)).toBeGreaterThan(5_500);
    } finally {
      await provider.close();
    }
  });
});

it('every one of these routes is in the OpenAPI document', async () => {
  const { paths } = (await admin.send('/openapi.json')).body;
  const expected: Record<string, string[]> = {
    '/v1/schedules': ['get', 'post'],
    '/v1/schedules/{id}': ['get', 'patch', 'delete'],
    '/v1/schedules/{id}/pause': ['post'],
    '/v1/schedules/{id}/resume': ['post'],
    '/v1/schedules/{id}/run': ['post'],
    '/v1/schedules/{id}/history': ['get'],
    '/v1/jobs/{id}/reschedule': ['post'],
    '/v1/jobs/{id}/run-now': ['post'],
    '/v1/pauses': ['get', 'post'],
    '/v1/pauses/{scope}/{value}': ['delete'],
    '/v1/limits': ['get'],
    '/v1/limits/{name}': ['get', 'put', 'delete'],
    '/v1/rate-buckets': ['get'],
    '/v1/rate-buckets/{name}': ['get', 'put', 'delete'],
  };
  for (const [path, methods] of Object.entries(expected))
    expect([path, Object.keys(paths[path] ?? {})]).toEqual([path, expect.arrayContaining(methods)]);
});
