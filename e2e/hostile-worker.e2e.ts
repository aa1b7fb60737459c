import {
  ClaimRequest,
  HeartbeatReply,
  JobBundle,
  JobEvents,
  JobFailed,
  JobSucceeded,
  ProbeRequest,
  ProbeResult,
  WorkerHeartbeat,
} from '@roundhouse/contracts';
import { jobQueue, quarantineQueue } from '@roundhouse/rabbitmq';
import { createTestBroker, waitFor, type TestBroker } from '@roundhouse/testing';
import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { createBrokerUsers, type BrokerUsers } from './platform/broker-users.js';
import { startPlatform, type Platform } from './platform/platform.js';

/** A worker of another service, gone bad: it has its own credential at the broker, the contract, and knows all there is to know of the victim. */
let platform: Platform;
let broker: TestBroker;
let users: BrokerUsers;
let hostile: ChannelModel;
const victimQueue = jobQueue('probes');

beforeAll(async () => {
  broker = await createTestBroker();
  users = await createBrokerUsers(broker);
  platform = await startPlatform({ broker, amqpThrough: (_url, name) => users.urlOf(name.replace(/\d+$/, '')) });
  hostile = await connect(users.urlOf('scorer'));
  hostile.on('error', () => undefined); // surfaces in the call that fails
});
afterAll(async () => {
  await hostile?.close();
  await platform?.stop();
  await users?.drop();
});

/** Runs on a channel of its own: a refusal closes it. @returns the code of the refusal, or undefined when it was done */
async function attempt(work: (channel: Channel) => unknown): Promise<number | undefined> {
  const channel = await hostile.createChannel();
  const refused = new Promise<number>((resolve) => channel.once('error', (error) => resolve(codeOf(error))));
  const done = async () => {
    await work(channel);
    // A message that may not be sent is refused some time later; what is answered after it was sent after it.
    await channel.prefetch(1);
    await channel.close();
    return undefined;
  };
  return done().catch(() => refused);
}
const codeOf = (error: Error): number => (error as Error & { code: number }).code;
const accessRefused = 403;

async function victim(name: string): Promise<{ id: string; worker: string }> {
  const id = await platform.acme.probe({ text: name, effect: name, work: '6s', steps: 2 });
  const { worker_id: worker } = await platform.acme.running(id);
  return { id, worker: worker as string };
}

/** It ran once, as if nobody had been there. */
async function unharmed(id: string, name: string): Promise<void> {
  expect(await platform.acme.finished(id)).toMatchObject({
    state: 'succeeded',
    attempt: 1,
    failures: 0,
    result: { text: name },
  });
  expect((await platform.effects(name)).map(({ attempt: number, step }) => [number, step])).toEqual([
    [1, 0],
    [1, 1],
  ]);
}

const refusals = async (id: string): Promise<unknown[]> =>
  (await platform.history(id)).filter(({ type }) => type === 'refused').map(({ detail }) => detail?.message);

const success = {
  $case: 'succeeded' as const,
  value: JobSucceeded.fromPartial({
    result: Buffer.from(ProbeResult.encode(ProbeResult.fromPartial({ text: 'forged' })).finish()),
  }),
};
const outcomes = [
  success,
  { $case: 'failed' as const, value: JobFailed.fromPartial({}) },
  { $case: 'cancelled' as const, value: {} },
  { $case: 'discarded' as const, value: { reason: 'forged' } },
  { $case: 'released' as const, value: { reason: 1 } },
  { $case: 'checkpoint' as const, value: { data: Buffer.from('forged') } },
];

it('cannot end a job of others, not even in the name of its true worker', async () => {
  const { id, worker } = await victim('reported');
  const told = { jobId: id, attempt: 1, kind: 'platform.probe', at: new Date(), ranFor: { seconds: 1, nanos: 0 } };
  const tokens = [undefined, Buffer.alloc(16, 1)];
  for (const workerId of [worker, 'scorer-evil-1-abc']) {
    for (const token of tokens) {
      const events = outcomes.map((event) => ({ ...told, event, token }));
      const body = Buffer.from(JobEvents.encode({ workerId, events: events as never }).finish());
      expect(await attempt((channel) => channel.publish('ledger', 'events', body))).toBeUndefined();
    }
  }
  await waitFor(async () => (await refusals(id)).length >= 2 * outcomes.length, { describe: 'the refusals' });
  expect(await refusals(id)).toContainEqual(expect.stringMatching(/^"succeeded" of attempt 1 without the token/));
  expect(await platform.acme.job(id)).toMatchObject({ state: 'running', attempt: 1 });
  await unharmed(id, 'reported');
});

it('cannot keep a job of others running, nor learn more than that it is not its own', async () => {
  const { id, worker } = await victim('beaten');
  const beat = WorkerHeartbeat.fromPartial({
    workerId: worker,
    service: 'probe',
    running: [{ jobId: id, attempt: 1 }],
  });
  const channel = await hostile.createChannel();
  const answered = new Promise<ConsumeMessage>((resolve) => {
    const replyTo = 'amq.rabbitmq.reply-to';
    void channel
      .consume(replyTo, (message) => message && resolve(message), { noAck: true })
      .then(() => {
        const body = Buffer.from(WorkerHeartbeat.encode(beat).finish());
        channel.publish('ledger', 'claims', body, { type: 'heartbeat', replyTo, correlationId: '1' });
      });
  });
  expect(HeartbeatReply.decode((await answered).content).revoked).toMatchObject([{ jobId: id, attempt: 1 }]);
  await channel.close();
  expect(await refusals(id)).toEqual([expect.stringMatching(/^"heartbeat" of attempt 1 without the token/)]);
  await unharmed(id, 'beaten');
});

it('cannot send a job to quarantine while it runs', async () => {
  const { id } = await victim('quarantined');
  const headers = { 'rh-tenant': 'acme', 'rh-version': 1, 'rh-reason': 'forged', 'rh-queue': 'probes' };
  const properties = { messageId: id, type: 'platform.probe', contentType: 'application/x-protobuf', headers };
  const send = (channel: Channel) => channel.publish('jobs.dlx', 'probes', Buffer.from('garbage'), properties);
  expect(await attempt(send)).toBeUndefined();
  await waitFor(async () => (await refusals(id)).length > 0, { describe: 'the refusal' });
  expect(await refusals(id)).toEqual([expect.stringMatching(/in quarantine, while a worker runs it: forged/)]);
  await unharmed(id, 'quarantined');
});

it('cannot have an answer of the gateway sent to the queue of another service', async () => {
  const { id } = await victim('addressed');
  const claim = Buffer.from(ClaimRequest.encode(ClaimRequest.fromPartial({ workerId: 'evil' })).finish());
  for (const replyTo of [victimQueue, 'ledger.events.v1', quarantineQueue]) {
    const ask = (c: Channel) => c.publish('ledger', 'claims', claim, { type: 'claim', replyTo, correlationId: id });
    expect(await attempt(ask)).toBeUndefined();
  }
  await unharmed(id, 'addressed');
  // What arrives there and is none becomes a dead job for operators.
  expect(await platform.ledger.query(`select id, error from ledger.jobs where state = 'dead'`)).toEqual([]);
});

it('cannot have a delivery of its making brought to the workers of another service', async () => {
  const { id } = await victim('delivered');
  const payload = Buffer.from(ProbeRequest.encode(ProbeRequest.fromPartial({ text: 'forged' })).finish());
  const facts = { jobId: id, tenantId: 'acme', kind: 'platform.probe', contractVersion: 1, timeout: { seconds: 60 } };
  const bundle = Buffer.from(JobBundle.encode(JobBundle.fromPartial({ deliveries: [{ ...facts, payload }] })).finish());
  const headers = { 'rh-length': bundle.length, 'rh-jobs': 1, 'rh-queue': 'probes', 'rh-reason': 'forged' };
  const properties = { type: 'bundle', messageId: 'bundle-1', contentType: 'application/x-protobuf', headers };
  expect(await attempt((channel) => channel.publish('jobs.dlx', 'probes', bundle, properties))).toBeUndefined();
  const kept = () => platform.ledger.query(`select from ledger.jobs where state = 'dead' and payload = $1`, [bundle]);
  await waitFor(async () => (await kept()).length === 1, { describe: 'it to be kept for operators' });
  await unharmed(id, 'delivered');
});

const body = Buffer.from('forged');
const nobody = () => undefined;
it.each<[string, (channel: Channel) => unknown]>([
  ['publish to the queue of another service', (c) => c.publish('jobs', 'probes', body)],
  ['publish to a wait queue', (c) => c.publish('jobs.retry', 'probes', body, { headers: { 'rh-wait': 1000 } })],
  ['publish to a queue by its name', (c) => c.sendToQueue(victimQueue, body)],
  ['give commands to workers', (c) => c.publish('control', '', body)],
  ['nudge viewers', (c) => c.publish('live', 'nudge', body)],
  ['consume the queue of another service', (c) => c.consume(victimQueue, nobody)],
  ['fetch from the queue of another service', (c) => c.get(victimQueue)],
  ['read what others report', (c) => c.consume('ledger.events.v1', nobody)],
  ['read the claims of others', (c) => c.consume('ledger.claims.v1', nobody)],
  ['read what is quarantined', (c) => c.consume(quarantineQueue, nobody)],
  ['purge the queue of another service', (c) => c.purgeQueue(victimQueue)],
  ['purge what is reported', (c) => c.purgeQueue('ledger.events.v1')],
  ['delete the queue of another service', (c) => c.deleteQueue(victimQueue)],
  ['delete its own queue', (c) => c.deleteQueue(jobQueue('scoring'))],
  ['declare a durable queue', (c) => c.assertQueue('jobs.q.mine.v1', { durable: true })],
  ['declare an exchange', (c) => c.assertExchange('mine', 'fanout')],
  ['delete an exchange', (c) => c.deleteExchange('ledger')],
  ['unbind what is reported', (c) => c.unbindQueue('ledger.events.v1', 'ledger', 'events')],
  ['listen to what is reported', (c) => listen(c, 'ledger', 'events')],
  ['listen to deliveries of others', (c) => listen(c, 'jobs', 'probes')],
  ['listen to what viewers are told', (c) => listen(c, 'live', '#')],
  ['send dead letters to the queue of another service', (c) => deadLetterTo(c, 'jobs')],
  ['bind an exchange of its own to another', (c) => c.bindExchange('jobs', 'ledger', 'events')],
])('cannot %s', async (_what, work) => {
  expect(await attempt(work)).toBe(accessRefused);
});

async function listen(channel: Channel, source: string, key: string): Promise<void> {
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, source, key);
}

const deadLetterTo = (channel: Channel, deadLetterExchange: string) =>
  channel.assertQueue('', { exclusive: true, deadLetterExchange });

it('has no access to the management API', async () => {
  const { username, password } = new URL(users.urlOf('scorer'));
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const { origin } = new URL(broker.managementUrl);
  for (const path of ['/api/overview', '/api/queues', '/api/definitions']) {
    const { status } = await fetch(`${origin}${path}`, { headers: { authorization } });
    expect([path, status]).toEqual([path, 401]);
  }
});

it('leaves a platform behind that works: delays, retries, cancellation, live events', async () => {
  const retried = await platform.acme.probe({ text: 'again', failures: 1, failure_code: 'ERROR_CODE_UNAVAILABLE' });
  const cancelled = await platform.acme.probe({ text: 'stop', work: '60s', steps: 600 });
  await platform.acme.running(cancelled);
  await platform.acme.send(`/v1/jobs/${cancelled}/cancel`, { method: 'POST' });
  expect(await platform.acme.finished(retried)).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(await platform.acme.finished(cancelled)).toMatchObject({ state: 'cancelled' });
  expect([...platform.processes.values()].every(({ running }) => running)).toBe(true);
});
