import { TcpProxy, waitFor } from '@roundhouse/testing';
import type { Delivery, Settlement } from '@roundhouse/jobs';
import { dispatch, dispatchBundle, jobIdOf, testJob } from '../../e2e/test-job.js';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { type BrokerConnection, Publisher } from '../connection/index.js';
import { JobConsumer } from './job-consumer.js';
import { jobQueue, quarantineQueue } from '../topology/index.js';

const queue = jobQueue('default');

describe('JobConsumer', () => {
  let rabbit: TestRabbit;
  let proxy: TcpProxy;
  const started: JobConsumer[] = [];

  beforeAll(async () => {
    rabbit = await TestRabbit.start();
    proxy = await TcpProxy.before(rabbit.url);
  });
  afterEach(async () => {
    for (const consumer of started.splice(0)) {
      await consumer.stop();
      await consumer.close();
    }
    await rabbit.channel.purgeQueue(queue);
  });
  afterAll(async () => {
    await rabbit.stop();
    await proxy.stop();
  });

  async function start(
    execute: (delivery: Delivery) => Promise<Settlement>,
    { prefetch = 10, url = rabbit.url } = {},
  ): Promise<[JobConsumer, BrokerConnection]> {
    const connection = await rabbit.connect(url);
    const publisher = await Publisher.open(connection);
    const consumer = await JobConsumer.start(connection, {
      queue: 'default',
      prefetch,
      slots: prefetch,
      execute,
      acquire: async () => () => undefined,
      ackEarlyAboveMs: 900_000,
      publisher,
      log: rabbit.log,
    });
    started.push(consumer);
    return [consumer, connection];
  }

  /** Executions that the test ends one by one. */
  function gate() {
    const deliveries: Delivery[] = [];
    const ends: ((settlement: Settlement | Error) => void)[] = [];
    const execute = (delivery: Delivery) => {
      deliveries.push(delivery);
      return new Promise<Settlement>((resolve, reject) =>
        ends.push((s) => (s instanceof Error ? reject(s) : resolve(s))),
      );
    };
    const held = (n: number) => waitFor(() => deliveries.length === n, { describe: `${n} deliveries in hand` });
    return { execute, deliveries, ends, held };
  }

  const gone = () =>
    waitFor(
      async () => {
        const { messages } = await rabbit.broker.manage<{ messages?: number }>('GET', `/queues/{vhost}/${queue}`);
        return messages === 0;
      },
      { intervalMs: 50, describe: 'the queue to be empty, unacknowledged deliveries counted' },
    );

  it('acknowledges after the execution, not before', async () => {
    const { execute, ends, held } = gate();
    const [consumer] = await start(execute);
    expect(consumer.consuming).toBe(true);
    dispatch(rabbit.channel, testJob());
    await held(1);
    await started.pop()!.stop();
    ends[0]!({ type: 'ack' });
    await consumer.close();
    await gone();
  });

  it('gives back what could not be executed, for somebody else', async () => {
    const seen: boolean[] = [];
    await start(async ({ redelivered }) => {
      seen.push(redelivered);
      if (seen.length === 1) throw new Error('ledger unreachable');
      if (seen.length === 2) return { type: 'requeue' };
      return { type: 'ack' };
    });
    dispatch(rabbit.channel, testJob());
    await waitFor(() => seen.length === 3, { describe: 'the third delivery' });
    expect(seen).toEqual([false, true, true]);
  });

  it('holds at most `prefetch` deliveries', async () => {
    const { execute, ends, held, deliveries } = gate();
    await start(execute, { prefetch: 2 });
    for (let i = 0; i < 5; i += 1) dispatch(rabbit.channel, testJob());
    await held(2);
    await waitFor(async () => (await rabbit.ready(queue)) === 3, { describe: 'the others to stay in the queue' });
    expect(deliveries).toHaveLength(2);
    for (let i = 0; i < 5; i += 1) {
      await waitFor(() => ends[i], { describe: `delivery ${i}` });
      ends[i]!({ type: 'ack' });
    }
  });

  it('lets a duplicate of a job in hand share its fate, without executing it', async () => {
    const { execute, ends, held, deliveries } = gate();
    const [, connection] = await start(execute);
    const job = testJob();
    dispatch(rabbit.channel, job);
    await held(1);
    dispatch(rabbit.channel, job);
    dispatch(rabbit.channel, testJob()); // comes after the duplicate
    await held(2);
    expect(deliveries.filter((d) => d.jobId === job.jobId)).toHaveLength(1);
    expect(connection.connected).toBe(true);
    for (const end of ends) end({ type: 'ack' });
    await gone();
    expect(deliveries).toHaveLength(2);
  });

  it('shares the fate of a job in hand with its redelivery after a lost connection', async () => {
    const { execute, ends, held, deliveries } = gate();
    const [consumer] = await start(execute, { url: proxy.through(rabbit.url) });
    const jobId = dispatch(rabbit.channel, testJob());
    await held(1);
    proxy.cut();
    await waitFor(() => consumer.consuming === false, { describe: 'the loss' });
    await waitFor(() => consumer.consuming, { describe: 'the consumer to come back' });
    dispatch(rabbit.channel, testJob()); // behind the redelivered one
    await held(2);
    expect(deliveries.filter((d) => d.jobId === jobId)).toHaveLength(1);
    for (const end of ends) end({ type: 'ack' });
    await gone();
    expect(deliveries).toHaveLength(2);
  });

  it.each<[string, object, string]>([
    ['has another length', { headers: { 'rh-length': 3, 'rh-tenant': 't1' } }, 'its header says 3'],
    ['has another type', { contentType: 'application/json' }, 'content type is application/json'],
  ])('quarantines a delivery that %s, with its bytes and the reason', async (_what, properties, reason) => {
    const { execute, deliveries } = gate();
    await start(execute);
    const job = testJob();
    dispatch(rabbit.channel, job, properties);
    const { content, properties: kept } = await rabbit.take(quarantineQueue);
    expect([jobIdOf(content), kept.messageId, kept.type]).toEqual([job.jobId, job.jobId, 'platform.noop']);
    expect(kept.headers).toMatchObject({ 'rh-queue': 'default', 'rh-reason': expect.stringContaining(reason) });
    expect(deliveries).toEqual([]);
    await gone();
  });

  it('quarantines garbage without any property', async () => {
    await start(gate().execute);
    rabbit.channel.sendToQueue(queue, Buffer.from('{"hello":1}'));
    const { content, properties } = await rabbit.take(quarantineQueue);
    expect(content.toString()).toBe('{"hello":1}');
    expect(properties.headers!['rh-reason']).toBe('content type is undefined, not application/x-protobuf');
    expect(properties.messageId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('quarantines what its execution calls poison, and takes headers of the broker off', async () => {
    await start(async () => ({ type: 'quarantine', reason: 'no handler for kind x' }));
    const job = testJob();
    dispatch(rabbit.channel, job, {}, 1_000); // the wait queue adds x-death
    const { content, properties } = await rabbit.take(quarantineQueue);
    expect(jobIdOf(content)).toBe(job.jobId);
    expect(Object.keys(properties.headers!).filter((name) => /^x-(first-)?death/.test(name))).toEqual([]);
    expect(properties.headers).toMatchObject({ 'rh-tenant': 't1', 'rh-reason': 'no handler for kind x' });
  });

  it('lets the broker dead-letter what is too large to be published', async () => {
    await start(gate().execute);
    rabbit.channel.sendToQueue(queue, Buffer.alloc(8 * 1024 * 1024 + 1, 'x'), { messageId: 'large' });
    const { content, properties } = await rabbit.take(quarantineQueue, 20_000);
    expect([content.length, properties.messageId]).toEqual([8 * 1024 * 1024 + 1, 'large']);
    expect(properties.headers!['x-death']).toMatchObject([{ reason: 'rejected', queue }]);
    await gone();
  });

  it('takes nothing new once it stops, and hands back what arrives meanwhile', async () => {
    const { execute, ends, held } = gate();
    const [consumer] = await start(execute);
    dispatch(rabbit.channel, testJob());
    await held(1);
    started.pop();
    await consumer.stop();
    expect(consumer.consuming).toBe(false);
    dispatch(rabbit.channel, testJob());
    let closed = false;
    const end = consumer.close().then(() => (closed = true));
    await waitFor(async () => (await rabbit.ready(queue)) === 1, { describe: 'the new one to stay' });
    expect(closed).toBe(false);
    ends[0]!({ type: 'ack' });
    await end;
    await waitFor(async () => (await rabbit.ready(queue)) === 1, { describe: 'only the new one to be there' });
  });

  describe('with a bundle', () => {
    const three = () => [testJob(), testJob(), testJob()];
    const of = (deliveries: Delivery[], jobId: string) => deliveries.filter((d) => d.jobId === jobId).length;

    it('executes each of its jobs and acknowledges when all are done', async () => {
      const { execute, ends, held, deliveries } = gate();
      const [consumer] = await start(execute, { prefetch: 1 });
      const ids = dispatchBundle(rabbit.channel, three());
      dispatch(rabbit.channel, testJob());
      await held(3);
      expect(deliveries.map(({ jobId }) => jobId)).toEqual(ids);
      ends[2]!({ type: 'ack' });
      ends[0]!({ type: 'ack' });
      // The next message comes when this one is acknowledged, and not before.
      await waitFor(async () => (await rabbit.ready(queue)) === 1, { describe: 'the other one to wait' });
      expect(deliveries).toHaveLength(3);
      ends[1]!({ type: 'ack' });
      await held(4);
      ends[3]!({ type: 'ack' });
      await gone();
      expect(consumer.consuming).toBe(true);
    });

    it('comes again as a whole when one of its jobs shall', async () => {
      const [first, second, third] = three();
      const seen: Delivery[] = [];
      await start(async (delivery) => {
        seen.push(delivery);
        return delivery.jobId === second!.jobId && !delivery.redelivered ? { type: 'requeue' } : { type: 'ack' };
      });
      dispatchBundle(rabbit.channel, [first!, second!, third!]);
      await waitFor(() => seen.length === 6, { describe: 'the second round' });
      expect(seen.map(({ redelivered }) => redelivered)).toEqual([false, false, false, true, true, true]);
      await gone();
    });

    it('quarantines the one that nobody can run, alone and with its reason', async () => {
      const jobs = three();
      const seen: Delivery[] = [];
      await start(async (delivery) => {
        seen.push(delivery);
        return delivery.jobId === jobs[1]!.jobId ? { type: 'quarantine', reason: 'no handler' } : { type: 'ack' };
      });
      dispatchBundle(rabbit.channel, jobs);
      const { content, properties } = await rabbit.take(quarantineQueue);
      expect([jobIdOf(content), properties.messageId, properties.type]).toEqual([
        jobs[1]!.jobId,
        jobs[1]!.jobId,
        'platform.noop',
      ]);
      expect(properties.headers).toMatchObject({ 'rh-reason': 'no handler', 'rh-queue': 'default', 'rh-tenant': 't1' });
      await gone();
      expect(await rabbit.ready(quarantineQueue)).toBe(0);
      expect(seen).toHaveLength(3);
    });

    it('shares the fate of a job that is in hand already', async () => {
      const { execute, ends, held, deliveries } = gate();
      await start(execute);
      const jobs = three();
      dispatch(rabbit.channel, jobs[0]!);
      await held(1);
      dispatchBundle(rabbit.channel, jobs);
      await held(3);
      expect(of(deliveries, jobs[0]!.jobId)).toBe(1);
      for (const end of ends) end({ type: 'ack' });
      await gone();
    });

    it('lets go of it when the jobs are granted that take long', async () => {
      const long = { ...testJob(), timeoutMs: 1_000_000 };
      const ends: (() => void)[] = [];
      const [consumer] = await start(async (delivery) => {
        delivery.onGranted?.();
        if (delivery.jobId === long.jobId) await new Promise<void>((resolve) => ends.push(resolve));
        return { type: 'ack' };
      });
      dispatchBundle(rabbit.channel, [testJob(), long]);
      await waitFor(() => ends.length === 1, { describe: 'the long one to run' });
      await gone();
      // It runs on, and the consumer's end waits for it.
      started.pop();
      await consumer.stop();
      let closed = false;
      const end = consumer.close().then(() => (closed = true));
      await new Promise((resolve) => setImmediate(resolve));
      expect(closed).toBe(false);
      ends[0]!();
      await end;
    });
  });
});
