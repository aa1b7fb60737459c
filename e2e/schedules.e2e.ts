import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { fastest } from './platform/fastest.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let admin: Client;
let reader: Client;

beforeAll(async () => {
  platform = await startPlatform();
  await Promise.all([platform.launch('scheduler2'), platform.launch('scheduler3')]);
  admin = await platform.clientWith('schedules:admin', 'jobs:read');
  reader = await platform.clientWith('jobs:read');
});
afterAll(() => platform?.stop());

const everySecond = { cron: '* * * * * *', time_zone: 'Europe/Berlin', kind: 'platform.probe' };

async function create(client: Client, body: object) {
  const answer = await client.send('/v1/schedules', { method: 'POST', body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}
const post = (client: Client, path: string, body?: object) => client.send(path, { method: 'POST', body: body ?? {} });

describe('schedules', () => {
  it('fire once for each time, whatever number of schedulers there are and whoever is killed', async () => {
    const { id } = await create(admin, { ...everySecond, name: 'tick', payload: { text: 'tick' } });
    const fired = async () => (await admin.send(`/v1/schedules/${id}/history?limit=500`)).body.firings;
    await waitFor(async () => (await fired()).length >= 3);
    await platform.service('scheduler2').kill('SIGKILL');
    const before = (await fired()).length;
    await waitFor(async () => (await fired()).length >= before + 3);
    expect((await post(admin, `/v1/schedules/${id}/pause`)).body).toMatchObject({ paused: true });
    const rows = (await fired()) as { fire_time: string; outcome: string; reason: string; job_id: string }[];
    const jobs = rows.filter((row) => row.outcome === 'fired');
    const times = jobs.map((row) => Date.parse(row.fire_time)).sort((a, b) => a - b);
    expect(times.every((time, i) => i === 0 || time - times[i - 1]! === 1_000)).toBe(true);
    const stored = await platform.ledger.query<{ count: number }[]>(
      `select count(*)::integer as count from ledger.jobs where tenant_id = 'acme'`,
    );
    expect(new Set(jobs.map((row) => row.job_id)).size).toBe(jobs.length);
    expect(stored[0]?.count).toBe(jobs.length);
    expect(await admin.finished(jobs[0]!.job_id)).toMatchObject({ state: 'succeeded', result: { text: 'tick' } });
    await waitFor(async () => (await fired())[0].reason === 'paused');
    await post(admin, `/v1/schedules/${id}/resume`);
    await waitFor(async () => (await fired())[0].outcome === 'fired');
    expect((await admin.send(`/v1/schedules/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await admin.send(`/v1/schedules/${id}`)).status).toBe(404);
    await platform.launch('scheduler2');
  });

  it('show when they run next by the clock of their zone, and refuse what cannot be', async () => {
    const weekly = { name: 'weekly', cron: '30 8 * * MON', time_zone: 'Asia/Kathmandu', kind: 'platform.probe' };
    const shown = await create(admin, { ...weekly, payload: { steps: 3 }, overlap: 'skip', jitter_seconds: 1.5 });
    expect(shown).toMatchObject({ paused: false, source: 'rest', overlap: 'skip', jitter_seconds: 1.5 });
    expect(shown.payload).toMatchObject({ steps: 3, text: '' });
    expect(shown.next_fire_times).toHaveLength(5);
    for (const { at, local } of shown.next_fire_times) {
      expect(local).toMatch(/T08:30:00\+05:45$/);
      expect(new Date(local).toISOString()).toBe(at);
    }
    const wrong = await post(admin, '/v1/schedules', { ...weekly, name: 'x', time_zone: '+02:00', cron: '' });
    expect(wrong.body.errors.map((e: { path: string }) => e.path).sort()).toEqual(['cron', 'time_zone']);
    const faults = [
      [{ cron: '61 * * * *' }, 'cron'],
      [{ cron: '0 0 30 2 *' }, 'cron'],
      [{ time_zone: 'Mars/Phobos' }, 'time_zone'],
      [{ kind: 'no.such_kind' }, 'kind'],
      [{ payload: { steps: 5_000 } }, 'payload.steps'],
      [{ payload: { colour: 'red' } }, 'payload.colour'],
      [{ catch_up_max: 0 }, 'catch_up_max'],
    ] as const;
    for (const [patch, path] of faults) {
      const { status, body } = await post(admin, '/v1/schedules', { ...weekly, name: 'x', ...patch });
      expect([status, body.errors?.[0]?.path]).toEqual([400, path]);
    }
    expect((await post(admin, '/v1/schedules', weekly)).body.code).toBe('conflict');

    const changed = await admin.send(`/v1/schedules/${shown.id}`, {
      method: 'PATCH',
      body: { cron: '0 12 * * *', time_zone: 'UTC', payload: { text: 'noon' } },
    });
    expect(changed.body).toMatchObject({ cron: '0 12 * * *', payload: { text: 'noon', steps: 0 }, overlap: 'skip' });
    expect(changed.body.next_fire_times[0].local).toMatch(/T12:00:00\+00:00$/);
    const fault = await admin.send(`/v1/schedules/${shown.id}`, { method: 'PATCH', body: { payload: { steps: 'x' } } });
    expect(fault.body.errors[0].path).toBe('payload.steps');
  });

  it('hide sensitive fields of their payload, and keep them when it is sent back edited', async () => {
    const payload = {
      webhook_id: '00000000-0000-4000-8000-000000000001',
      url: 'https://hooks.example/secret-path',
      sealed_secrets: ['s1'],
      event_type: 'job.dead',
      body: '{}',
    };
    const call = { name: 'call', cron: '0 0 1 1 *', time_zone: 'UTC', kind: 'platform.deliver_webhook', payload };
    const shown = await create(admin, call);
    expect(shown.payload).toMatchObject({ url: '[redacted]', event_type: 'job.dead' });
    expect(JSON.stringify(shown)).not.toContain('secret-path');
    const body = { payload: { ...shown.payload, event_type: 'job.succeeded' } };
    expect((await admin.send(`/v1/schedules/${shown.id}`, { method: 'PATCH', body })).status).toBe(200);
    const [{ kept }] = await platform.ledger.query(
      `select convert_from(payload, 'utf8') as kept from ledger.schedules where id = $1`,
      [shown.id],
    );
    expect(kept).toContain('https://hooks.example/secret-path');
    expect(kept).toContain('job.succeeded');
    const planner = await platform.clientWith('schedules:admin', 'jobs:view');
    const patch = (payload: object) =>
      planner.send(`/v1/schedules/${shown.id}`, { method: 'PATCH', body: { name: 'call', payload } });
    const elsewhere = await patch({ ...body.payload, url: 'https://thief.example' });
    expect(elsewhere).toMatchObject({ status: 403, body: { errors: [{ path: 'payload.sealed_secrets' }] } });
    expect((await patch(body.payload)).status).toBe(200);
    await admin.send(`/v1/schedules/${shown.id}`, { method: 'DELETE' });
  });

  it('can be previewed, with changes of the clock beside the times that they touch', async () => {
    const nightly = { name: 'nightly', cron: '30 2 * * *', time_zone: 'Europe/Berlin', kind: 'platform.probe' };
    const { id } = await create(admin, nightly);
    const viewer = await platform.clientWith('jobs:view');
    const path = `/v1/schedules/${id}/preview`;
    const at = (year: string, query: string) => viewer.send(`${path}?${query.replaceAll('Y', year)}`);
    const spring = await at('2027', 'from=Y-03-27T00:00:00Z&until=Y-03-30T00:00:00Z');
    expect(spring.status).toBe(200);
    expect(spring.body.times.map((time: { local: string }) => time.local)).toEqual([
      '2027-03-27T02:30:00+01:00',
      '2027-03-28T03:00:00+02:00',
      '2027-03-29T02:30:00+02:00',
    ]);
    expect(spring.body.times.map((time: { clock_change: unknown }) => time.clock_change)).toEqual([
      null,
      { kind: 'skipped_hour', note: '02:00 to 03:00 is skipped' },
      null,
    ]);
    const autumn = await at('2027', 'from=Y-10-31T00:00:00Z&until=Y-11-01T00:00:00%2B01:00');
    expect(autumn.body).toMatchObject({
      paused: false,
      next: null,
      times: [{ local: '2027-10-31T02:30:00+02:00', clock_change: { kind: 'repeated_hour' } }],
      clock_changes: [
        { at: '2027-10-31T01:00:00.000Z', shown_from: '2027-10-31T02:00:00', shown_until: '2027-10-31T03:00:00' },
      ],
    });
    expect((await at('', '')).body.times).toHaveLength(10);
    const part = (await at('2027', 'from=Y-01-01T00:00:00Z&until=Y-12-31T00:00:00Z&limit=2')).body;
    expect([part.times.length, part.next]).toEqual([2, '2027-01-03T01:30:00.000Z']);
    for (const query of ['until=2020-01-01T00:00:00Z', 'from=2027-01-01T00:00:00Z&until=2037-01-01T00:00:00Z'])
      expect((await at('', query)).body.errors[0].path).toBe('until');
    expect((await at('', 'limit=0')).body.errors[0].path).toBe('limit');
    expect((await platform.globex.send(path)).status).toBe(404);
    expect((await (await platform.clientWith('jobs:write')).send(path)).status).toBe(403);
  });

  it('run when they are asked to, and say when they may not', async () => {
    const { id } = await create(admin, {
      name: 'by hand',
      cron: '@yearly',
      kind: 'platform.probe',
      payload: { work: '120s' },
      overlap: 'skip',
    });
    const first = await post(admin, `/v1/schedules/${id}/run`);
    expect(first.status).toBe(202);
    await admin.running(first.body.job_id);
    expect((await post(admin, `/v1/schedules/${id}/run`)).body.code).toBe('conflict');
    const { body } = await admin.send(`/v1/schedules/${id}/history`);
    expect(body.firings).toMatchObject([
      { outcome: 'skipped', reason: 'overlap', job_id: first.body.job_id, job_state: 'running' },
      { outcome: 'fired', reason: 'run now' },
    ]);
    await post(platform.acme, `/v1/jobs/${first.body.job_id}/cancel`);
  });

  it('of other tenants do not exist, and need their scope', async () => {
    const { id } = await create(admin, { name: 'mine', cron: '@yearly', kind: 'platform.probe' });
    const { globex } = platform;
    expect((await globex.send(`/v1/schedules/${id}`)).status).toBe(404);
    expect((await globex.send(`/v1/schedules/${id}/history`)).status).toBe(404);
    expect((await globex.send('/v1/schedules')).body.schedules).toEqual([]);
    for (const action of ['pause', 'resume', 'run'])
      expect((await post(reader, `/v1/schedules/${id}/${action}`)).status).toBe(403);
    const theirs = await platform.clientOf('globex', 'schedules:admin', 'jobs:read');
    for (const action of ['pause', 'resume', 'run'])
      expect((await post(theirs, `/v1/schedules/${id}/${action}`)).status).toBe(404);
    for (const method of ['PATCH', 'DELETE'])
      expect((await theirs.send(`/v1/schedules/${id}`, { method, body: {} })).status).toBe(404);
    await create(theirs, { name: 'mine', cron: '@yearly', kind: 'platform.probe' });
  });

  it('from code are there, can be paused and run, not changed', async () => {
    const operator = await platform.clientOf('operator', 'schedules:admin', 'jobs:read');
    const { schedules } = (await operator.send('/v1/schedules')).body;
    const found = schedules.find(({ name }: { name: string }) => name === 'proof-of-life');
    expect(found).toMatchObject({ source: 'code', payload: { text: 'proof of life' } });
    const path = `/v1/schedules/${found.id}`;
    expect((await operator.send(path, { method: 'PATCH', body: { cron: '@hourly' } })).body.code).toBe('conflict');
    expect((await operator.send(path, { method: 'DELETE' })).body.code).toBe('conflict');
    const { body } = await post(operator, `${path}/run`);
    expect((await operator.finished(body.job_id)).state).toBe('succeeded');
  });
});

describe('jobs with a time', () => {
  const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  const startedAfter = (job: { started_at: string | null }, due: string) =>
    Date.parse(job.started_at as string) - Date.parse(due);

  it('start within a second of it, however the time was given', async () => {
    const limit = 1_200; // the second one was asked for a little later
    const lateness = await fastest(limit, async () => {
      const due = later(4);
      const ids = [
        await platform.acme.submit('platform.probe', {}, { body: { run_at: due } }),
        await platform.acme.submit('platform.probe', {}, { body: { delay_seconds: 4 } }),
      ];
      const states = await Promise.all(ids.map(async (id) => (await platform.acme.job(id)).state));
      expect(states).toEqual(['scheduled', 'scheduled']);
      const jobs = await Promise.all(ids.map((id) => platform.acme.finished(id)));
      const late = jobs.map((job) => startedAfter(job, due));
      expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
      return Math.max(...late);
    });
    expect(lateness).toBeLessThan(limit);
  });

  it('may lie years ahead, are listed by it, moved, run at once and cancelled', async () => {
    const { acme, globex } = platform;
    const submit = (body: object) => acme.submit('platform.probe', {}, { body });
    const inYears = later(9 * 365 * 86_400);
    const [far, near, moved] = [
      await submit({ run_at: inYears }),
      await submit({ delay_seconds: 3_600 }),
      await submit({ delay_seconds: 7_200 }),
    ];
    const list = async (query = '') => (await acme.send(`/v1/jobs?order=run_at&kind=platform.probe${query}`)).body;
    const ids = async () => (await list()).jobs.map((job: { id: string }) => job.id);
    expect(await ids()).toEqual([near, moved, far]);
    const page = await list('&limit=1');
    const rest = await list(`&limit=5&cursor=${encodeURIComponent(page.next)}`);
    expect([...page.jobs, ...rest.jobs].map((job) => job.id)).toEqual([near, moved, far]);
    expect((await acme.send('/v1/jobs?order=run_at&state=running')).body.errors).toMatchObject([{ path: 'state' }]);
    expect((await globex.send('/v1/jobs?order=run_at')).body.jobs).toEqual([]);

    const answer = await post(acme, `/v1/jobs/${moved}/reschedule`, { delay_seconds: 60 });
    expect(answer.body).toMatchObject({ id: moved, state: 'scheduled' });
    expect(await ids()).toEqual([moved, near, far]);
    const start = performance.now();
    expect((await post(acme, `/v1/jobs/${moved}/run-now`)).body).toMatchObject({ state: 'queued' });
    expect((await acme.finished(moved)).state).toBe('succeeded');
    expect(performance.now() - start).toBeLessThan(40_000); // its own time would come in a minute
    await post(acme, `/v1/jobs/${near}/reschedule`, { run_at: later(-60) });
    expect((await acme.finished(near)).state).toBe('succeeded');
    await post(acme, `/v1/jobs/${far}/cancel`);
    expect((await acme.job(far)).state).toBe('cancelled');
    expect(await ids()).toEqual([]);

    const audit = await platform.ledger.query<{ action: string }[]>(
      `select action from ledger.audit_log where subject = $1 order by id`,
      [moved],
    );
    expect(audit.map((row) => row.action)).toEqual(['job.reschedule', 'job.run_now']);
  });

  it('are not moved once they run or are over, by others, or to nowhere', async () => {
    const { acme, globex } = platform;
    const id = await acme.probe({ work: '120s' });
    await acme.running(id);
    expect((await post(acme, `/v1/jobs/${id}/reschedule`, { delay_seconds: 5 })).body).toMatchObject({
      code: 'conflict',
      detail: 'The job cannot be moved: it is running',
    });
    expect((await post(acme, `/v1/jobs/${id}/run-now`)).status).toBe(409);
    await post(acme, `/v1/jobs/${id}/cancel`);
    await acme.finished(id);
    expect((await post(acme, `/v1/jobs/${id}/run-now`)).body.detail).toContain('it is cancelled');
    expect((await post(globex, `/v1/jobs/${id}/run-now`)).status).toBe(404);
    for (const body of [{}, { run_at: later(5), delay_seconds: 5 }, { delay_seconds: -1 }, { run_at: 'soon' }])
      expect((await post(acme, `/v1/jobs/${id}/reschedule`, body)).status).toBe(400);
    const both = { kind: 'platform.probe', run_at: later(5), delay_seconds: 5 };
    expect((await post(acme, '/v1/jobs', both)).body.errors).toMatchObject([{ path: 'delay_seconds' }]);
    const tooFar = { kind: 'platform.probe', delay_seconds: 1e9 };
    expect((await post(acme, '/v1/jobs', tooFar)).body.errors).toMatchObject([{ path: 'delay_seconds' }]);
  });

  it('asked for again with their idempotency key are the same although the time has gone on', async () => {
    const send = () =>
      platform.acme.send('/v1/jobs', {
        method: 'POST',
        body: { kind: 'platform.probe', delay_seconds: 3_600 },
        headers: { 'idempotency-key': 'later' },
      });
    const [first, again] = [await send(), await send()];
    expect([again.status, again.body.id]).toEqual([202, first.body.id]);
    await post(platform.acme, `/v1/jobs/${first.body.id}/cancel`);
  });
});
