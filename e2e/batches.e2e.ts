import { waitFor } from '@roundhouse/testing';
import { Client, type ProbePayload } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform({ workers: 2 });
  ({ acme } = platform);
});
afterAll(() => platform?.stop());

const probe = (payload: ProbePayload = {}) => ({ kind: 'platform.probe', payload });
const noop = (text: string) => ({ kind: 'platform.noop', payload: { text } });
const dying = probe({ failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' });
const post = (path: string, body: object = {}, client = acme) => client.send(path, { method: 'POST', body });

async function finished(id: string, timeoutMs = 60_000) {
  const look = async () => {
    const { body } = await acme.send(`/v1/batches/${id}`);
    if (body.state !== 'finished') throw new Error(JSON.stringify(body));
    return body;
  };
  return waitFor(look, { timeoutMs, describe: `batch ${id} to be finished` });
}

it('takes jobs while it is open, counts them and calls back', async () => {
  const created = await post('/v1/batches', {
    name: 'nightly import',
    jobs: [probe({ work: '0.2s' }), dying],
    on_success: noop('success'),
    on_death: noop('death'),
    on_complete: noop('complete'),
  });
  expect(created).toMatchObject({ status: 202, body: { jobs: [expect.any(String), expect.any(String)] } });
  const { id } = created.body;
  const follower = await acme.follow(`/v1/batches/${id}/events`);
  const added = await post(`/v1/batches/${id}/jobs`, {
    jobs: Array.from({ length: 20 }, () => probe({ work: '0.1s' })),
  });
  expect(added).toMatchObject({ status: 202, body: { total: 22 } });
  expect((await acme.send(`/v1/batches/${id}`)).body).toMatchObject({ state: 'open', total: 22, finished_at: null });
  expect((await post(`/v1/batches/${id}/seal`)).status).toBe(200);

  const batch = await finished(id);
  expect(batch).toMatchObject({
    succeeded: 21,
    dead: 1,
    cancelled: 0,
    running: 0,
    pending: 0,
    percent: 100,
    eta: null,
  });
  expect(batch.callbacks).toEqual({
    on_success: 'platform.noop',
    on_death: 'platform.noop',
    on_complete: 'platform.noop',
  });
  expect(Object.keys(batch.callback_jobs).sort()).toEqual(['on_complete', 'on_death']);
  expect(await acme.finished(batch.callback_jobs.on_complete)).toMatchObject({ result: { text: 'complete' } });
  expect(await acme.finished(batch.callback_jobs.on_death)).toMatchObject({ result: { text: 'death' } });

  await follower.over;
  const seen = follower.events.map(({ event, data }) => [event, data.succeeded + data.dead]);
  expect(seen.at(-1)).toEqual(['end', 22]);
  for (let i = 1; i < seen.length; i += 1) expect(seen[i]![1]).toBeGreaterThanOrEqual(seen[i - 1]![1]);
  const late = await post(`/v1/batches/${id}/jobs`, { jobs: [probe()] });
  expect(late).toMatchObject({ status: 409, body: { code: 'conflict' } });
  const { body: listed } = await acme.send(`/v1/jobs?batch_id=${id}&state=dead`);
  expect(listed.jobs.map((job: { id: string }) => job.id)).toEqual([created.body.jobs[1]]);
});

it('is cancelled with everything in it, waiting or running', async () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const jobs = [
    ...Array.from({ length: 3 }, () => probe({ work: '60s' })),
    ...Array.from({ length: 600 }, () => ({ ...probe(), run_at: inAnHour })),
  ];
  const { body: created, text } = await post('/v1/batches', { name: 'too much', jobs });
  if (!created.jobs) throw new Error(text);
  for (const id of created.jobs.slice(0, 3)) await acme.running(id);
  const asked = await post(`/v1/batches/${created.id}/cancel`);
  expect(asked).toMatchObject({ status: 202, body: { cancel_requested_at: expect.any(String) } });
  expect((await post(`/v1/batches/${created.id}/jobs`, { jobs: [probe()] })).status).toBe(409);
  expect(await finished(created.id)).toMatchObject({ total: 603, cancelled: 603 });
});

it('holds thousands of jobs', async () => {
  const { body: created } = await post('/v1/batches', { name: 'big' });
  for (let i = 0; i < 5; i += 1)
    await post(`/v1/batches/${created.id}/jobs`, { jobs: Array.from({ length: 1_000 }, () => noop('x')) });
  await post(`/v1/batches/${created.id}/seal`);
  expect(await finished(created.id, 150_000)).toMatchObject({ total: 5_000, succeeded: 5_000 });
});

it('answers a repeated request with the first batch, and refuses what is not valid as a whole', async () => {
  const headers = { 'idempotency-key': 'batch-1' };
  const body = { name: 'once', jobs: [noop('a')] };
  const first = await acme.send('/v1/batches', { method: 'POST', body, headers });
  expect((await acme.send('/v1/batches', { method: 'POST', body, headers })).body).toEqual(first.body);
  const other = await acme.send('/v1/batches', { method: 'POST', body: { ...body, name: 'two' }, headers });
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_conflict' } });
  const bad = await post('/v1/batches', {
    name: 'bad',
    jobs: [noop('a'), probe({ steps: 5_000 })],
    on_death: { kind: 'x' },
  });
  expect(bad).toMatchObject({ status: 400, body: { errors: [{ path: 'jobs[1].payload.steps' }] } });
  const { body: listed } = await acme.send('/v1/batches?limit=500');
  expect(listed.batches.map((batch: { name: string }) => batch.name)).not.toContain('bad');
});

it('is nobody else’s', async () => {
  const { body: created } = await post('/v1/batches', { name: 'mine' });
  for (const path of ['', '/events'])
    expect((await platform.globex.send(`/v1/batches/${created.id}${path}`)).status).toBe(404);
  for (const path of ['/seal', '/cancel'])
    expect((await post(`/v1/batches/${created.id}${path}`, {}, platform.globex)).status).toBe(404);
  expect((await post(`/v1/batches/${created.id}/jobs`, { jobs: [noop('a')] }, platform.globex)).status).toBe(404);
});
