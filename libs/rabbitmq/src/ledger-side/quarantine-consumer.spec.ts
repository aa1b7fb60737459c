import { waitFor } from '@roundhouse/testing';
import { dispatchBundle, jobIdOf, testJob } from '../../e2e/test-job.js';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { Publisher } from '../connection/index.js';
import type { DispatchedJob } from '../messages/index.js';
import { consumeQuarantine, type QuarantinedDelivery } from './quarantine-consumer.js';
import { exchange, jobQueue, quarantineQueue } from '../topology/index.js';

describe('consumeQuarantine', () => {
  let rabbit: TestRabbit;

  beforeAll(async () => {
    rabbit = await TestRabbit.start();
  });
  afterAll(() => rabbit.stop());

  async function start(trouble: () => void = () => undefined) {
    const recorded: QuarantinedDelivery[] = [];
    const connection = await rabbit.connect();
    const managed = await consumeQuarantine(connection, {
      record: async (delivery) => {
        trouble();
        recorded.push(delivery);
      },
      genuine: async (queue, deliveries) =>
        deliveries.filter(({ tenantId }) => queue === 'default' && tenantId === 't1'),
      publisher: await Publisher.open(connection),
      log: rabbit.log,
    });
    const count = (n: number) => waitFor(() => recorded.length === n, { describe: `${n} records` });
    return { recorded, managed, count };
  }

  it('tells what its properties say, with the original bytes', async () => {
    const { recorded, managed, count } = await start();
    rabbit.channel.publish(exchange.deadLetter, 'default', Buffer.from([0, 255]), {
      messageId: 'job-1',
      type: 'a.kind',
      headers: { 'rh-tenant': 't1', 'rh-queue': 'imports', 'rh-reason': 'no handler' },
    });
    await count(1);
    const facts = { jobId: 'job-1', tenantId: 't1', kind: 'a.kind', queue: 'imports', reason: 'no handler' };
    expect(recorded).toEqual([{ ...facts, body: Buffer.from([0, 255]) }]);
    await managed.close();
  });

  it('reads the reason of the broker when it was the one to give up', async () => {
    const { recorded, managed, count } = await start();
    rabbit.channel.publish(exchange.jobs, 'default', Buffer.from('x'), { persistent: true });
    const channel = await rabbit.rawChannel();
    const message = await waitFor(() => channel.get(jobQueue('default')));
    channel.nack(message, false, false);
    await count(1);
    expect(recorded).toMatchObject([
      { queue: 'default', reason: 'dead-lettered by the broker: rejected', jobId: undefined },
    ]);
    await channel.close();
    await managed.close();
  });

  it('holds a delivery until it is recorded, instead of sending it back', async () => {
    let tries = 0;
    const { managed, count } = await start(() => {
      tries += 1;
      if (tries < 3) throw new Error('database away');
    });
    rabbit.channel.publish(exchange.deadLetter, 'default', Buffer.from('x'));
    await count(1);
    expect(tries).toBe(3);
    await managed.close();
    expect(await rabbit.ready(quarantineQueue)).toBe(0);
  });

  it('leaves a delivery with the broker that it could not record', async () => {
    let tries = 0;
    const { managed } = await start(() => {
      tries += 1;
      throw new Error('database away');
    });
    rabbit.channel.publish(exchange.deadLetter, 'default', Buffer.from('kept'));
    await waitFor(() => tries === 1, { describe: 'the first try' });
    await managed.close();
    expect((await rabbit.take(quarantineQueue)).content.toString()).toBe('kept');
  });

  it('comes back after its queue was deleted', async () => {
    const { managed, count } = await start();
    await rabbit.channel.deleteQueue(quarantineQueue);
    await waitFor(() => !managed.current, { describe: 'the consumer to hear of it' });
    await rabbit.queue(quarantineQueue);
    await rabbit.channel.bindQueue(quarantineQueue, exchange.deadLetter, '');
    await waitFor(async () => (await rabbit.consumers(quarantineQueue)) === 1, { describe: 'the consumer' });
    rabbit.channel.publish(exchange.deadLetter, 'default', Buffer.from('x'));
    await count(1);
    await managed.close();
  });

  it('takes a bundle apart that the broker gave up, so that each of its jobs has its own chances', async () => {
    const { recorded, managed, count } = await start();
    const jobs = [testJob({ traceparent: '00-a-01' }), testJob()];
    dispatchBundle(rabbit.channel, jobs);
    const channel = await rabbit.rawChannel();
    channel.nack(await waitFor(() => channel.get(jobQueue('default'))), false, false);
    const alone = [await rabbit.take(jobQueue('default')), await rabbit.take(jobQueue('default'))];
    expect(alone.map(({ content, properties }) => [jobIdOf(content), properties.messageId])).toEqual(
      jobs.map(({ jobId }) => [jobId, jobId]),
    );
    expect(alone[0]!.properties).toMatchObject({
      type: 'platform.noop',
      headers: { 'rh-tenant': 't1', 'rh-version': 1, traceparent: '00-a-01' },
    });
    expect(recorded).toEqual([]);
    // What the ledger would not send goes nowhere: with others it is left out, alone it is kept for people.
    const [own, forged] = [testJob(), testJob({ tenantId: 'mallory' })];
    const giveUp = async (bundle: DispatchedJob[]) => {
      dispatchBundle(rabbit.channel, bundle);
      channel.nack(await waitFor(() => channel.get(jobQueue('default'))), false, false);
    };
    await giveUp([forged]);
    await count(1);
    expect(recorded.splice(0)).toMatchObject([{ kind: 'bundle', queue: 'default' }]);
    await giveUp([own, forged]);
    expect(jobIdOf((await rabbit.take(jobQueue('default'))).content)).toBe(own.jobId);
    expect(await rabbit.ready(jobQueue('default'))).toBe(0);
    // What says that it is one and cannot be read is kept as it is.
    rabbit.channel.publish(exchange.deadLetter, 'default', Buffer.from([255]), {
      type: 'bundle',
      messageId: 'bundle-2',
    });
    await count(1);
    expect(recorded).toMatchObject([{ kind: 'bundle', body: Buffer.from([255]) }]);
    await channel.close();
    await managed.close();
  });
});
