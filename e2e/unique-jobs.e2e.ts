import { RoundhouseClient } from '@roundhouse/client';
import { ProbeRequest } from '@roundhouse/contracts';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let client: RoundhouseClient;
beforeAll(async () => {
  platform = await startPlatform();
  client = new RoundhouseClient({ url: platform.service('gateway').url, apiKey: platform.acme.key as string });
});
afterAll(() => platform?.stop());

interface Asked {
  key: string;
  text: string;
  work?: string;
}

const submit = ({ key, text, work }: Asked, unique: object) =>
  platform.acme.send('/v1/jobs', {
    method: 'POST',
    body: { kind: 'platform.probe', payload: { text, work }, options: { unique: { key, ...unique } } },
  });

const jobsOf = async (texts: readonly string[]) => {
  const { body } = await platform.acme.send('/v1/jobs?kind=platform.probe&limit=100');
  const jobs = await Promise.all((body.jobs as { id: string }[]).map(({ id }) => platform.acme.job(id)));
  return jobs.filter((job) => texts.includes(job.payload.text)).map((job) => job.id);
};

it('debounces three requests to one run with the last payload, after the period', async () => {
  const debounce = { mode: 'debounce', period_seconds: 2 };
  const first = await submit({ key: 'd', text: 'd1' }, debounce);
  expect(first).toMatchObject({ status: 202, body: { state: 'scheduled' } });
  expect(first.body.existing).toBeUndefined();
  const { id } = first.body;
  for (const text of ['d2', 'd3'])
    expect(await submit({ key: 'd', text }, debounce)).toMatchObject({ status: 202, body: { id, existing: true } });
  const asked = Date.now();
  const job = await platform.acme.finished(id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 1, result: { text: 'd3' } });
  // The clocks are the same machine's; the last request was a little before `asked`.
  expect(Date.parse(job.started_at as string) - asked).toBeGreaterThan(1_500);
  expect(await jobsOf(['d1', 'd2', 'd3'])).toEqual([id]);
});

it('runs the newest payload after the job that runs when it is replaced', async () => {
  const replace = { mode: 'replace' };
  const { id } = (await submit({ key: 'r', text: 'r1', work: '2s' }, replace)).body;
  await platform.acme.running(id);
  const second = await submit({ key: 'r', text: 'r2' }, replace);
  expect(second).toMatchObject({ status: 202, body: { id, existing: true, follower_id: expect.any(String) } });
  const { follower_id: follower } = second.body;
  const third = await submit({ key: 'r', text: 'r3' }, replace);
  expect(third).toMatchObject({ status: 202, body: { id, existing: true, follower_id: follower } });
  const job = await platform.acme.finished(follower);
  expect(job).toMatchObject({ state: 'succeeded', result: { text: 'r3' } });
  const before = await platform.acme.finished(id);
  expect(before).toMatchObject({ state: 'succeeded', result: { text: 'r1' } });
  expect(Date.parse(job.started_at as string)).toBeGreaterThanOrEqual(Date.parse(before.finished_at as string));
});

it('says plainly what will not run: dropped, or refused', async () => {
  const { id } = (await submit({ key: 'q', text: 'q1', work: '60s' }, {})).body;
  await platform.acme.running(id);
  const dropped = await submit({ key: 'q', text: 'q2' }, { mode: 'replace', while_running: 'drop' });
  expect(dropped).toMatchObject({ status: 200, body: { id, existing: true, dropped: true, state: 'running' } });
  expect(await submit({ key: 'q', text: 'q2' }, {})).toMatchObject({ status: 409, body: { code: 'conflict' } });
  const queued = await submit({ key: 'q', text: 'q3' }, { while_running: 'queue_next' });
  expect(queued).toMatchObject({ status: 202, body: { id, existing: true } });
  const full = await submit({ key: 'q', text: 'q4' }, { while_running: 'queue_next' });
  expect(full).toMatchObject({
    status: 409,
    body: { code: 'conflict', detail: expect.stringContaining(queued.body.follower_id) },
  });
  await platform.acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  expect(await platform.acme.finished(queued.body.follower_id)).toMatchObject({ result: { text: 'q3' } });
});

it.each([
  [{}, 'key'],
  [{ key: 'k', mode: 'debounce' }, 'period_seconds'],
  [{ key: 'k', mode: 'throttle', period_seconds: 5, while_running: 'drop' }, 'while_running'],
  [{ key: 'k', leading: true }, 'leading'],
  [{ key: 'k', mode: 'replace', max_wait_seconds: 5 }, 'max_wait_seconds'],
  [{ key: 'k', mode: 'debounce', period_seconds: 5, max_wait_seconds: 2 }, 'max_wait_seconds'],
  [{ key: 'k', mode: 'debounce', period_seconds: 5, max_wait_seconds: 9, leading: true }, 'max_wait_seconds'],
  [{ key: '' }, 'key'],
  [{ key: 'k', mode: 'sometimes' }, 'mode'],
])('names the field at fault of %j', async (unique, field) => {
  const body = { kind: 'platform.probe', payload: {}, options: { unique } };
  expect(await platform.acme.send('/v1/jobs', { method: 'POST', body })).toMatchObject({
    status: 400,
    body: { errors: [{ path: `options.unique.${field}` }] },
  });
});

it('says of each job of a bulk request what has become of it', async () => {
  const job = (text: string, mode: string) => ({
    kind: 'platform.probe',
    payload: { text },
    delay_seconds: 600,
    options: { unique: { key: 'bulk', mode } },
  });
  const jobs = [job('b1', 'replace'), job('b2', 'replace'), job('b3', 'return_existing'), job('b4', 'reject')];
  const { body } = await platform.acme.send('/v1/jobs/bulk', { method: 'POST', body: { mode: 'per_item', jobs } });
  const id = body.jobs[0].id;
  expect(body.jobs).toMatchObject([
    { id },
    { id, existing: true },
    { id, existing: true, dropped: true },
    { errors: [{ message: expect.stringContaining(id) }] },
  ]);
  expect((await platform.acme.job(id)).payload.text).toBe('b2');
});

it('tells the client library who runs a request', async () => {
  const request = (text: string) => ProbeRequest.fromPartial({ text });
  const unique = { key: 'client', mode: 'debounce', periodSeconds: 1.5, maxWaitSeconds: 60 } as const;
  const first = await client.submitUnique('platform.probe', request('c1'), { unique });
  expect(first).toMatchObject({ existing: false, dropped: false, followerId: undefined });
  expect(await client.submit('platform.probe', request('c2'), { unique })).toBe(first.id);
  expect(await client.wait(first.id)).toMatchObject({ state: 'succeeded', result: { text: 'c2' } });
  const wrong = client.submit('platform.probe', request('c3'), { unique: { key: 'client', mode: 'throttle' } });
  await expect(wrong).rejects.toMatchObject({ status: 400, errors: [{ path: 'jobs[0].unique.period_seconds' }] });
});
