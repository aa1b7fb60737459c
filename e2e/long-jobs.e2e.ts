import { waitFor } from '@roundhouse/testing';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    workers: 2,
    env: { ROUNDHOUSE_LEASE: '10s' },
    envOf: { probe: { ROUNDHOUSE_TIME_SLICE: '400ms' } },
  });
});
afterAll(() => platform?.stop());

const cursorsOf = async (name: string): Promise<number[]> =>
  (await platform.effects(name)).map((effect) => effect.step);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

it('makes room after each time slice and goes on where it was, on any worker, without costing an attempt', async () => {
  const id = await platform.acme.submit('platform.probe_steps', { work: '0.1s', cursors: 15, effect: 'sliced' });
  const job = await platform.acme.finished(id);
  expect(job).toMatchObject({ state: 'succeeded', failures: 0 });
  expect(job.attempt).toBeGreaterThan(1);
  expect(await cursorsOf('sliced')).toEqual(upTo(15));
  const slices = (await platform.history(id)).filter((entry) => entry.detail?.reason === 'time_slice');
  expect(slices.length).toBe(job.attempt - 1);
});

it('survives the death of its worker although the broker has forgotten it: its lease runs out', async () => {
  const id = await platform.acme.submit('platform.probe_steps', { work: '0.3s', cursors: 12, effect: 'leased' });
  // The delivery is acknowledged when the job is granted: its timeout is longer than the broker's patience.
  await waitFor(async () => (await cursorsOf('leased')).length >= 1, { describe: 'the first cursor' });
  const { worker_id: worker } = await platform.acme.running(id);
  const name = [...platform.processes].find(([, process]) => worker?.includes(`-${process.pid}-`))?.[0] as string;
  await platform.service(name).kill('SIGKILL');
  const job = await platform.acme.finished(id);
  expect(job).toMatchObject({ state: 'succeeded', failures: 0 });
  expect((await cursorsOf('leased')).sort((a, b) => a - b)).toEqual(upTo(12));
  await platform.launch(name);
});

it('hands a long job back when its worker stops, and another goes on at its cursor', async () => {
  const id = await platform.acme.submit('platform.probe_steps', { work: '0.3s', cursors: 12, effect: 'handed' });
  await waitFor(async () => (await cursorsOf('handed')).length >= 1, { describe: 'the first cursor' });
  const { worker_id: worker } = await platform.acme.running(id);
  const name = [...platform.processes].find(([, process]) => worker?.includes(`-${process.pid}-`))?.[0] as string;
  await platform.service(name).stop();
  expect(await platform.acme.finished(id)).toMatchObject({ state: 'succeeded', failures: 0 });
  expect((await cursorsOf('handed')).sort((a, b) => a - b)).toEqual(upTo(12));
  await platform.launch(name);
});

it('ends a job at its deadline, and one at the end of its own few attempts', async () => {
  const failing = { failures: 9, failure_code: 'ERROR_CODE_UNAVAILABLE' };
  const options = { retry: { max_attempts: 2, backoff: 'fixed', delays_seconds: [0.1] } };
  const short = await platform.acme.submit('platform.probe', failing, { body: { options } });
  expect(await platform.acme.finished(short)).toMatchObject({
    state: 'dead',
    failures: 2,
    error: { code: 'UNAVAILABLE' },
  });
  const late = await platform.acme.submit('platform.probe', failing, { body: { options: { deadline_seconds: 1 } } });
  expect(await platform.acme.finished(late)).toMatchObject({ state: 'dead', error: { code: 'DEADLINE_EXCEEDED' } });
});

it('keeps unique jobs unique over REST: one holds, the other is refused, answered or taken over', async () => {
  const submit = (note: string, unique?: object, body: object = {}) =>
    platform.acme.send('/v1/jobs', {
      method: 'POST',
      body: { kind: 'platform.probe_unique', payload: { text: 'one', note }, options: { unique }, ...body },
    });
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const first = await submit('first', undefined, { run_at: later });
  const { id } = first.body;
  expect(await submit('second')).toMatchObject({
    status: 409,
    body: { code: 'conflict', detail: expect.stringContaining(id) },
  });
  expect(await submit('third', { mode: 'return_existing' })).toMatchObject({
    status: 200,
    body: { id, existing: true, dropped: true },
  });
  expect(await submit('last', { mode: 'replace' }, { run_at: new Date(Date.now() + 300).toISOString() })).toMatchObject(
    { body: { id } },
  );
  expect(await platform.acme.finished(id)).toMatchObject({ state: 'succeeded', result: { text: 'last' } });
  expect((await submit('next', { mode: 'throttle' })).body.errors).toMatchObject([
    { path: 'options.unique.period_seconds' },
  ]);
});
