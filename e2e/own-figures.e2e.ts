import { BrokerConnection, jobQueue } from '@roundhouse/rabbitmq';
import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
let globex: Client;
let operator: Client;
beforeAll(async () => {
  platform = await startPlatform();
  acme = await platform.clientOf('acme', 'admin');
  globex = await platform.clientOf('globex', 'admin');
  operator = await platform.clientOf('operator', 'admin');
});
afterAll(() => platform?.stop());

interface Queue {
  queue: string;
  [figure: string]: unknown;
}

const read = async (client: Client, path: string) => {
  const { status, body, text } = await client.send(path);
  if (status !== 200) throw new Error(text);
  return body;
};
const queueOf = async (client: Client, path: string) =>
  ((await read(client, path)).queues as Queue[]).find(({ queue }) => queue === 'probes')!;
const routes = ['/v1/overview', '/v1/console/overview', '/v1/queues', '/v1/workers', '/v1/console/queues'];
const explain = async (client: Client, id: string) => (await read(client, `/v1/jobs/${id}/explain`)) as { why: string };

it('a tenant sees of queues and workers what is of its own jobs, an operator everything', async () => {
  const worker = await waitFor(
    async () => {
      const [row] = await platform.ledger.query(`select id, host, pid from ledger.workers where service = 'probe'`);
      return row as { id: string; pid: number } | undefined;
    },
    { describe: 'the first heartbeat' },
  );
  const theirs = await Promise.all([1, 2, 3].map(() => globex.probe({ work: '40s' })));
  await Promise.all(theirs.map((id) => globex.running(id)));
  await waitFor(async () => (await queueOf(globex, '/v1/queues')).running === 3, { describe: 'three to be shown' });
  expect(await queueOf(acme, '/v1/queues')).toMatchObject({
    ...{ queued: 0, running: 0, consumed: true },
    ...{ workers: null, at_broker: null, mismatch: null },
  });
  expect(await queueOf(acme, '/v1/workers')).toEqual({ queue: 'probes', consumed: true });
  expect(await queueOf(acme, '/v1/console/queues')).toMatchObject({
    ...{ queued: 0, consumed: true },
    ...{ in_outbox: null, at_broker: null, consumers: null },
  });
  for (const path of routes) {
    const text = JSON.stringify(await read(acme, path));
    for (const foreign of [worker.id, `"pid":${worker.pid}`, `"host"`])
      expect([path, text.includes(foreign)]).toEqual([path, false]);
  }
  await waitFor(async () =>
    (await read(operator, '/v1/workers')).workers.some((w: { id: string }) => w.id === worker.id),
  );
  expect(await queueOf(operator, '/v1/queues')).toMatchObject({ workers: 1, at_broker: expect.any(Number) });
  expect(await queueOf(operator, '/v1/console/queues')).toMatchObject({ consumers: 1, in_outbox: expect.any(Number) });
  await Promise.all(theirs.map((id) => globex.send(`/v1/jobs/${id}/cancel`, { method: 'POST' })));
  await platform.allFinished(theirs);
});

it('who waits for a limit that tenants share is not told whose jobs hold it', async () => {
  const slow = (key: string) => ({ key, work: '60s' });
  const holders = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((key) => globex.submit('platform.probe_exclusive', slow(key))),
  );
  await Promise.all(holders.map((id) => globex.running(id)));
  // Five may run, of all tenants together.
  const waiting = await acme.submit('platform.probe_exclusive', slow('f'));
  await acme.until(waiting, ({ state }) => state === 'blocked');
  const explanation = await explain(acme, waiting);
  expect(explanation.why).toContain('concurrency 5/5');
  for (const id of holders) expect(JSON.stringify(explanation)).not.toContain(id);
  await Promise.all(holders.map((id) => globex.send(`/v1/jobs/${id}/cancel`, { method: 'POST' })));
  await acme.send(`/v1/jobs/${waiting}/cancel`, { method: 'POST' });
  await platform.allFinished([...holders, waiting]);
});

/** A worker that listens and does nothing with what it gets. */
async function listenInVain(queue: string): Promise<BrokerConnection> {
  const connection = await BrokerConnection.open({ url: platform.amqpUrl, name: 'idle', log: console });
  await connection.openChannel(async (channel) => {
    await channel.prefetch(1);
    await channel.consume(jobQueue(queue), () => undefined);
  });
  return connection;
}

it('explains a backlog by the jobs of the tenant alone, and says when nobody listens', async () => {
  await platform.service('probe').stop();
  const theirs = await Promise.all([1, 2, 3, 4].map(() => globex.probe({ text: 'x' })));
  const first = await acme.probe({ text: 'first' });
  const second = await acme.probe({ text: 'second' });
  await waitFor(async () => /no worker is listening/.test((await explain(acme, second)).why));
  // Figures of queues are at most five seconds old.
  const unheard = { queued: 2, consumed: false, mismatch: 'nobody consumes it' };
  await waitFor(async () => {
    expect(await queueOf(acme, '/v1/queues')).toMatchObject(unheard);
    return true;
  });
  const idle = await listenInVain('probes');
  await waitFor(async () => /; 1 ahead$/.test((await explain(acme, second)).why));
  expect((await explain(acme, second)).why).toMatch(/for a worker of queue probes; 1 ahead$/);
  await idle.close();
  await platform.launch('probe');
  await platform.allFinished([...theirs, first, second]);
});
