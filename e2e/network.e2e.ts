import { TcpProxy, testEnvironment, waitFor } from '@roundhouse/testing';
import type { Client, JobView } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

/** One worker behind a network that can be cut, another one with a sound one. */
let proxy: TcpProxy;
let platform: Platform;
let acme: Client;
beforeAll(async () => {
  proxy = await TcpProxy.before(testEnvironment('ROUNDHOUSE_TEST_AMQP_URL'));
  platform = await startPlatform({
    workers: 2,
    // Beats come every 8 s: on a slow machine one may be late.
    env: { ROUNDHOUSE_LEASE: '20s' },
    amqpThrough: (url, name) => (name === 'probe' ? proxy.through(url) : url),
  });
  ({ acme } = platform);
});
afterAll(async () => {
  proxy?.heal();
  await platform?.stop();
  await proxy?.stop();
});

const stepsOf = async (name: string): Promise<number[]> =>
  (await platform.effects(name)).map((effect) => effect.step).sort((a, b) => a - b);

/** Submits jobs until one runs at the worker behind the proxy, and gives that one; the others end by themselves. */
async function onProbe(payload: object, effect: string): Promise<{ job: JobView; effect: string; others: string[] }> {
  const others: string[] = [];
  for (let n = 1; ; n += 1) {
    const id = await acme.probe({ ...payload, effect: `${effect}-${n}` });
    await waitFor(async () => (await platform.effects(`${effect}-${n}`)).length > 0, {
      describe: 'the first step',
    });
    const job = await acme.running(id);
    if (platform.workerOf(job).name === 'probe') return { job, effect: `${effect}-${n}`, others };
    others.push(id);
  }
}

it('a connection that ends in mid-job costs nothing: the worker reports back and goes on', async () => {
  const { job, effect, others } = await onProbe({ work: '8s', steps: 8 }, 'cut');
  proxy.cut();
  const finished = await acme.finished(job.id);
  expect(finished).toMatchObject({
    state: 'succeeded',
    attempt: 1,
    failures: 0,
    result: { attempt: 1, steps_done: 8 },
  });
  expect(await stepsOf(effect)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect((await platform.history(job.id)).filter((entry) => entry.type === 'running')).toHaveLength(1);
  await platform.allFinished(others);
});

it('also when it ends again and again', async () => {
  const { job, effect, others } = await onProbe({ work: '8s', steps: 10 }, 'flapping');
  for (const step of [3, 5, 7]) {
    await waitFor(async () => (await platform.effects(effect)).length >= step, { describe: `step ${step}` });
    proxy.cut();
  }
  expect(await acme.finished(job.id)).toMatchObject({ state: 'succeeded', failures: 0 });
  expect(await stepsOf(effect)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await platform.allFinished(others);
});

it('a worker that nobody hears any more is replaced; what it has done is not done again', async () => {
  const { job, effect, others } = await onProbe({ work: '6s', steps: 6 }, 'dark');
  const cutAt = Date.now();
  proxy.blackhole();
  const finished = await acme.finished(job.id, 80_000);
  expect(finished).toMatchObject({ state: 'succeeded', attempt: 2, failures: 0, result: { attempt: 2 } });
  const takenOverMs = Date.parse(finished.started_at ?? '') - cutAt;
  console.info(`taken over ${takenOverMs} ms after the network went dark, with a lease of 20 s`);
  expect(takenOverMs).toBeLessThan(60_000);
  expect(await stepsOf(effect)).toEqual([0, 1, 2, 3, 4, 5]);
  proxy.heal();
  // Back in the light it reports what it did, which changes nothing, and works again.
  await platform.allFinished(others);
  await waitFor(
    async () => {
      const id = await acme.probe({ text: 'light' });
      expect(await acme.finished(id)).toMatchObject({ state: 'succeeded' });
      const [running] = await platform.history(id);
      return platform.workerOf({ worker_id: String(running?.detail?.worker) }).name === 'probe';
    },
    { describe: 'the worker to work again' },
  );
  expect(await acme.job(job.id)).toEqual(finished);
  expect(await stepsOf(effect)).toEqual([0, 1, 2, 3, 4, 5]);
});
