import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';
import { privateRabbitmq, type PrivateBroker } from './platform/private-servers.js';

/** Whatever a job waits for, its sentence says so: never that it is next when it is not. */
const slots = 4;
let broker: PrivateBroker | undefined;
let platform: Platform;
let acme: Client;
let operator: Client;
beforeAll(async () => {
  broker = await privateRabbitmq();
  platform = await startPlatform({
    ...(broker && { broker: { url: broker.url } }),
    env: { ROUNDHOUSE_PREFETCH: String(slots), ROUNDHOUSE_LEASE: '2m' },
  });
  ({ acme } = platform);
  operator = await platform.clientWith('admin');
});
afterAll(async () => {
  await platform?.stop();
  await broker?.destroy();
});

interface Said {
  why: string;
  waiting_for: string | null;
  eta: object | null;
}

const said = new Set<string | null>();

async function explain(id: string, client = acme): Promise<Said> {
  const { status, body, text } = await client.send(`/v1/jobs/${id}/explain`);
  if (status !== 200) throw new Error(text);
  said.add(body.waiting_for);
  return { why: body.why, waiting_for: body.waiting_for, eta: body.eta };
}

const says = (id: string, waitingFor: string | null, why: RegExp, client = acme): Promise<void> =>
  waitFor(
    async () => {
      const told = await explain(id, client);
      if (told.waiting_for !== waitingFor || !why.test(told.why)) throw new Error(JSON.stringify(told));
      return true;
    },
    { describe: `${waitingFor}: ${why}` },
  ).then(() => undefined);

const until = (id: string, state: string) => acme.until(id, (job) => job.state === state, { describe: state });
const cancel = (id: string) => acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
const pause = (value: string) =>
  operator.send('/v1/pauses', { method: 'POST', body: { scope: 'kind', value, reason: 'deploy' } });
const resume = (value: string) => operator.send(`/v1/pauses/kind/${value}`, { method: 'DELETE' });
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

async function finishAll(ids: string[]): Promise<void> {
  await Promise.all(ids.map(cancel));
  await platform.allFinished(ids);
}

it('of a job that runs, is told to stop, or is over', async () => {
  const id = await acme.probe({ work: '60s', steps: 600 });
  await acme.running(id);
  await says(id, null, /^Attempt 1 has been running for \d+ \S+ on probe/);
  // Only operators may have a job that does not listen.
  const operators = await platform.clientOf('operator', 'admin');
  const stubborn = await operators.probe({ work: '4s', ignore_interruption: true });
  await operators.running(stubborn);
  await operators.send(`/v1/jobs/${stubborn}/cancel`, { method: 'POST' });
  await says(stubborn, null, /^Attempt 1 has been running for .*; it was told to stop$/, operators);
  await operators.finished(stubborn);
  await finishAll([id]);
  await says(id, null, /^Nothing: it was cancelled$/);
  const done = await acme.submit('platform.noop', { text: 'x' });
  await until(done, 'succeeded');
  await says(done, null, /^Nothing: it succeeded$/);
  const dead = await acme.probe({ failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' });
  await until(dead, 'dead');
  await says(dead, null, /^Nothing: it is dead, of INVALID_INPUT: .*; only a redrive brings it back$/);
});

it('of a job whose time has not come, and of what will hold it up then', async () => {
  const later = await acme.submit('platform.noop', {}, { body: { run_at: inAnHour() } });
  await says(later, 'scheduled', /^It starts at 20\S+Z$/);
  await pause('platform.noop');
  await says(later, 'scheduled', /^It starts at 20\S+Z; kind platform\.noop was paused \d+ \S+ ago by e2e \(\w+\)$/);
  expect((await explain(later)).eta).toBeNull();
  await resume('platform.noop');
  const options = { retry: { backoff: 'fixed', delays_seconds: [300] } };
  const failing = await acme.submit('platform.probe', { failures: 1 }, { body: { options } });
  await until(failing, 'retrying');
  await says(failing, 'retry', /^The next attempt starts at 20\S+Z: attempt 1 failed with INTERNAL$/);
  await finishAll([later, failing]);
});

it('of a job that waits for a slot, a token or another job', async () => {
  const limited = await Promise.all(
    [1, 2, 3].map(() => acme.submit('platform.probe_limited', { key: 'k', work: '60s' })),
  );
  const blocked = await waitFor(async () => {
    const jobs = await Promise.all(limited.map((id) => acme.job(id)));
    return jobs.find(({ state }) => state === 'blocked') as (typeof jobs)[number];
  });
  await says(blocked.id, 'slot', /^Waiting .*: concurrency 2\/2 on probe_key for key k, held by \S+, \S+; it is next$/);
  await finishAll(limited);

  const rate = '/v1/rate-buckets/probe_provider';
  await operator.send(rate, { method: 'PUT', body: { per_second: 0.02, burst: 1 } });
  const rated = await Promise.all([1, 2].map(() => acme.submit('platform.probe_rated', { text: 'x' })));
  const waiting = await waitFor(async () => {
    const jobs = await Promise.all(rated.map((id) => acme.job(id)));
    return jobs.find(({ state }) => state === 'blocked') as (typeof jobs)[number];
  });
  await says(waiting.id, 'token', /^Waiting .* for a token of probe_provider/);
  await operator.send(rate, { method: 'DELETE' });
  await finishAll(rated);

  const node = (ref: string, after: string[]) => ({
    ref,
    kind: 'platform.probe',
    payload: { work: '60s', steps: 600 },
    depends_on: after.map((other) => ({ ref: other })),
  });
  const { body } = await acme.send('/v1/workflows', {
    method: 'POST',
    body: { name: 'two', jobs: [node('first', []), node('second', ['first'])] },
  });
  const [first, second] = body.jobs.map((job: { id: string }) => job.id);
  await acme.running(first);
  await says(second, 'dependency', /^Waiting .* for first \(running\)$/);
  await finishAll([first, second]);
});

it('of a job that is behind others, whose workers are gone, or that is paused before anybody has asked for it', async () => {
  const busy = await Promise.all(Array.from({ length: slots }, () => acme.probe({ work: '60s', steps: 600 })));
  await Promise.all(busy.map((id) => acme.running(id)));
  const behind = await acme.probe({ text: 'behind' });
  await says(behind, 'backlog', /^Waiting .* for a worker of queue probes; (it is next|\d+ ahead)$/);
  await pause('platform.probe');
  await says(behind, 'pause', /^Paused \d+ \S+ ago by e2e \(\w+\): kind platform\.probe, because deploy$/);
  expect((await explain(behind)).eta).toBeNull();
  await resume('platform.probe');
  await platform.service('probe').kill('SIGKILL');
  await says(behind, 'backlog', /^Waiting .*: no worker is listening on queue probes$/);
  expect((await explain(behind)).eta).toBeNull();
  await pause('platform.probe');
  await says(behind, 'pause', /^Paused /);
  await resume('platform.probe');
  await platform.launch('probe');
  await finishAll(busy);
  await until(behind, 'succeeded');
});

it('of a job whose broker takes nothing or is away, and then it runs', async () => {
  if (!broker) return console.warn('skipped: RabbitMQ is not installed on this machine');
  const running = await acme.probe({ work: '300s', steps: 1_000 });
  await acme.running(running);
  const readiness = async () => (await acme.send('/readyz')).body as { status: string; checks: object[] };
  expect((await readiness()).status).toBe('ready');

  await broker.raiseAlarm();
  const alarmed = await acme.probe({ text: 'alarmed' });
  await says(
    alarmed,
    'broker',
    /^Waiting .* for queue probes: the broker has taken no messages for .* \(low on memory\)$/,
  );
  expect((await explain(alarmed)).eta).toBeNull();
  const amiss = { name: 'broker', ok: false, essential: false, reason: expect.stringContaining('low on memory') };
  expect(await readiness()).toMatchObject({ status: 'degraded', checks: expect.arrayContaining([amiss]) });
  await broker.clearAlarm();
  await until(alarmed, 'succeeded');
  await says(running, null, /^Attempt 1 has been running for [^;]*$/);

  // An alarm that ends while nobody is connected is over for everybody all the same.
  await broker.raiseAlarm();
  const blocked = await acme.probe({ text: 'blocked' });
  await says(blocked, 'broker', /low on memory/);
  await broker.kill();
  await says(blocked, 'broker', /^Waiting .* for queue probes: the broker has been away for \d+ \S+$/);
  await says(running, null, /; the broker has been away for \d+ \S+, so that its worker cannot be heard$/);
  expect((await readiness()).status).toBe('degraded');
  await broker.start();
  await until(blocked, 'succeeded');
  await waitFor(async () => (await readiness()).status === 'ready', { describe: 'readiness' });
  await finishAll([running]);
}, 120_000);

it('each kind of wait has had its sentence', () => {
  const all = ['backlog', 'dependency', 'pause', 'retry', 'scheduled', 'slot', 'token', ...(broker ? ['broker'] : [])];
  // Whether a job that is behind others is still in the outbox depends on how fast they were.
  expect([...said].filter((waitingFor) => waitingFor && waitingFor !== 'outbox').sort()).toEqual(all.sort());
});
