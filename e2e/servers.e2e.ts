import { applyTopology, topology } from '@roundhouse/rabbitmq';
import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';
import { privatePostgres, privateRabbitmq, type PrivateServer } from './platform/private-servers.js';

let broker: PrivateServer | undefined;
let database: PrivateServer | undefined;
let platform: Platform;
let acme: Client;

beforeAll(async () => {
  [broker, database] = await Promise.all([privateRabbitmq(), privatePostgres()]);
  if (!broker || !database) return;
  platform = await startPlatform({
    workers: 2,
    broker: { url: broker.url },
    database: { url: database.url },
    // Longer than a server takes to restart on a slow machine: whose lease runs out meanwhile is given to somebody else, rightly.
    env: { ROUNDHOUSE_LEASE: '2m' },
    envOf: { scheduler: { ROUNDHOUSE_SWEEP_INTERVAL: '500ms', ROUNDHOUSE_SWEEP_PATIENCE: '2s' } },
  });
  ({ acme } = platform);
});
afterAll(async () => {
  await platform?.stop();
  await Promise.all([broker?.destroy(), database?.destroy()]);
});

/** Says so where a server is not installed on this machine: then there is nothing to restart. */
function withServers(
  name: string,
  test: (servers: { broker: PrivateServer; database: PrivateServer }) => Promise<void>,
  timeoutMs = 120_000,
): void {
  it(
    name,
    async () => {
      if (!broker || !database) return console.warn('skipped: RabbitMQ or PostgreSQL is not installed on this machine');
      await test({ broker, database });
    },
    timeoutMs,
  );
}

const steps = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const stepsOf = async (name: string): Promise<number[]> =>
  (await platform.effects(name)).map((effect) => effect.step).sort((a, b) => a - b);

async function submitted(count: number, name: string, work: string, stepCount: number): Promise<string[]> {
  return Promise.all(
    steps(count).map((i) =>
      acme.probe({ work, steps: stepCount, effect: `${name}-${i}`, follow_ups: [`after ${name}-${i}`] }),
    ),
  );
}

async function allUnderWay(count: number, name: string): Promise<void> {
  await waitFor(
    async () => (await Promise.all(steps(count).map((i) => stepsOf(`${name}-${i}`)))).every((done) => done.length > 0),
    {
      describe: `${count} jobs to be under way`,
    },
  );
}

async function expectOnce(ids: string[], name: string, stepCount: number, facts: object = {}): Promise<void> {
  await platform.allFinished(ids);
  for (const [i, id] of ids.entries()) {
    const job = await acme.job(id);
    const history = (await platform.history(id)).filter((entry) => entry.type !== 'progress');
    expect({ ...job, history }).toMatchObject({ state: 'succeeded', ...facts });
    expect(job.follow_ups).toHaveLength(1);
    expect(await stepsOf(`${name}-${i}`)).toEqual(steps(stepCount));
  }
}

async function crashesOf(ids: string[]): Promise<number> {
  const [row] = await platform.ledger.query(
    `select coalesce(sum(crashes), 0)::integer as crashes from ledger.jobs where id = any($1::uuid[])`,
    [ids],
  );
  return row.crashes;
}

withServers(
  'a restart of the broker runs no job in flight twice and loses none that is waiting',
  async ({ broker: server }) => {
    const ids = await submitted(8, 'restart', '9s', 9);
    await allUnderWay(8, 'restart');
    await server.stop();
    const waiting = await submitted(5, 'meanwhile', '0.2s', 1); // accepted without a broker
    await server.start();
    await expectOnce(ids, 'restart', 9, { attempt: 1, failures: 0 });
    await expectOnce(waiting, 'meanwhile', 1, { failures: 0 });
    expect(await crashesOf(ids)).toBe(0);
  },
);

withServers('nor does its kill -9', async ({ broker: server }) => {
  const ids = await submitted(8, 'killed', '9s', 9);
  await allUnderWay(8, 'killed');
  const burst = await submitted(40, 'burst', '0.2s', 1);
  await server.kill();
  await server.start();
  await expectOnce(ids, 'killed', 9, { attempt: 1, failures: 0 });
  await expectOnce(burst, 'burst', 1, { failures: 0 });
  expect(await crashesOf(ids)).toBe(0);
});

withServers('what the broker has lost with all its data is sent again', async ({ broker: server }) => {
  // Nobody takes them, so that their deliveries are with the broker when it is wiped.
  await Promise.all(['probe', 'probe2'].map((name) => platform.service(name).stop()));
  const ids = await submitted(30, 'wiped', '0.2s', 2);
  await waitFor(async () => (await platform.outboxSize()) === 0, { describe: 'the deliveries to be with the broker' });
  await server.stop();
  await server.wipe();
  await server.start();
  await applyTopology(server.url, topology());
  await Promise.all(['probe', 'probe2'].map((name) => platform.launch(name)));
  await expectOnce(ids, 'wiped', 2, { attempt: 1, failures: 0 });
});

withServers(
  'a restart of PostgreSQL loses nothing and doubles nothing, and everybody goes on',
  async ({ database: server }) => {
    const ids = await submitted(20, 'database', '4s', 8);
    await allUnderWay(20, 'database');
    await server.stop();
    const refused = await acme.send('/v1/jobs', { method: 'POST', body: { kind: 'platform.noop', payload: {} } });
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.text).not.toMatch(/ECONN|127\.0\.0\.1|typeorm/i);
    expect((await acme.send('/readyz')).status).toBe(503);
    await server.start();
    await expectOnce(ids, 'database', 8);
    await waitFor(async () => (await acme.send('/readyz')).status === 200, {
      describe: 'the gateway to be ready again',
    });
    const after = await submitted(10, 'after', '0.1s', 1);
    await expectOnce(after, 'after', 1, { attempt: 1 });
  },
);
