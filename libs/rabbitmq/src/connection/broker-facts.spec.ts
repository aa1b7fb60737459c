import { waitFor } from '@roundhouse/testing';
import type { ConfirmChannel } from 'amqplib';
import { connect } from 'amqplib';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { exchange, jobQueue, quarantineQueue, topology, waitHeader, waitQueue } from '../topology/index.js';

/** What the design relies on, asked of the broker that is there. A new RabbitMQ version has to pass this first. */
describe('RabbitMQ', () => {
  let rabbit: TestRabbit;
  let confirming: ConfirmChannel;
  let close: () => Promise<void>;

  beforeAll(async () => {
    rabbit = await TestRabbit.start(topology(['default', 'imports']));
    const model = await connect(rabbit.url);
    confirming = await model.createConfirmChannel();
    close = () => model.close();
  });
  afterAll(async () => {
    await close();
    await rabbit.stop();
  });

  it('returns an unroutable message before it confirms it', async () => {
    const order: string[] = [];
    confirming.on('return', () => order.push('return'));
    await new Promise<void>((resolve) => {
      confirming.publish(exchange.jobs, 'no-such-queue', Buffer.from('x'), { mandatory: true }, (error) => {
        order.push(error ? 'nack' : 'confirm');
        resolve();
      });
    });
    expect(order).toEqual(['return', 'confirm']);
  });

  it('dead-letters a delivery that came back 20 times, with its original bytes, to the quarantine queue', async () => {
    const body = Buffer.from([0, 1, 2, 255]);
    const headers = { 'rh-tenant': 't1', 'rh-version': 1 };
    rabbit.channel.publish(exchange.jobs, 'default', body, {
      messageId: 'poison',
      type: 'a.kind',
      headers,
      persistent: true,
    });
    const channel = await rabbit.rawChannel();
    let deliveries = 0;
    await channel.prefetch(1);
    await channel.consume(jobQueue('default'), (message) => {
      deliveries += 1;
      channel.nack(message!, false, true);
    });
    const { content, properties, fields } = await rabbit.take(quarantineQueue);
    await channel.close();
    expect(content).toEqual(body);
    expect([properties.messageId, properties.type, fields.routingKey]).toEqual(['poison', 'a.kind', 'default']);
    expect(properties.headers).toMatchObject({
      ...headers,
      'x-death': [{ reason: 'delivery_limit', queue: jobQueue('default') }],
    });
    expect(deliveries).toBe(21); // the first one, and 20 returns
  });

  it('counts lost channels as returns', async () => {
    rabbit.channel.publish(exchange.jobs, 'default', Buffer.from('x'), { persistent: true });
    let crashes = 0;
    while (crashes < 30) {
      const channel = await rabbit.rawChannel();
      const delivered = await waitFor(
        async () => (await channel.get(jobQueue('default'))) || (await rabbit.ready(quarantineQueue)) > 0,
        { describe: 'the delivery, or its end' },
      );
      await channel.close();
      if (delivered === true) break;
      crashes += 1;
    }
    expect(crashes).toBe(21);
    expect((await rabbit.take(quarantineQueue)).content.toString()).toBe('x');
  });

  it('marks a delivery that was held by a lost channel as redelivered', async () => {
    rabbit.channel.publish(exchange.jobs, 'default', Buffer.from('x'), { persistent: true });
    const channel = await rabbit.rawChannel();
    const first = await waitFor(() => channel.get(jobQueue('default')));
    await channel.close();
    const second = await rabbit.take(jobQueue('default'));
    expect([first.fields.redelivered, second.fields.redelivered]).toEqual([false, true]);
  });

  it('routes by an integer header to a wait queue, whose messages come out with their routing key after its time', async () => {
    const start = performance.now();
    for (const queue of ['default', 'imports']) {
      const headers = { [waitHeader]: 5_000, 'rh-tenant': 't1' };
      rabbit.channel.publish(exchange.retry, queue, Buffer.from(queue), {
        headers,
        persistent: true,
        messageId: queue,
      });
    }
    await waitFor(async () => (await rabbit.ready(waitQueue(5_000))) === 2, { describe: 'both to wait' });
    for (const queue of ['default', 'imports']) {
      const { content, properties, fields } = await rabbit.take(jobQueue(queue));
      expect(performance.now() - start).toBeGreaterThanOrEqual(4_990);
      expect([content.toString(), properties.messageId, fields.routingKey]).toEqual([queue, queue, queue]);
      expect(properties.headers).toMatchObject({ 'rh-tenant': 't1' });
    }
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  it('returns a message for a wait level that does not exist', async () => {
    const returned = new Promise((resolve) => confirming.once('return', resolve));
    confirming.publish(exchange.retry, 'default', Buffer.from('x'), {
      headers: { [waitHeader]: 1_234 },
      mandatory: true,
    });
    await returned;
  });

  it('waits again in the same wait queue: dead-lettering by expiry is no cycle when it was published anew', async () => {
    let headers: Record<string, unknown> = { [waitHeader]: 1_000 };
    for (let round = 0; round < 2; round += 1) {
      rabbit.channel.publish(exchange.retry, 'default', Buffer.from(`round ${round}`), { headers, persistent: true });
      const message = await rabbit.take(jobQueue('default'));
      expect(message.content.toString()).toBe(`round ${round}`);
      headers = { [waitHeader]: 1_000 }; // x-death is not sent along
    }
  });

  it('keeps a claim no longer than its answer is waited for', async () => {
    const { queues } = topology(['default']);
    const claims = queues.find((q) => q.name === 'ledger.claims.v1')!;
    expect(claims.arguments).toMatchObject({ 'x-message-ttl': 5_000, 'x-queue-type': 'classic' });
  });

  it('confirms to a fanout with at least one queue, and delivers to each', async () => {
    await rabbit.channel.assertQueue('fan', { exclusive: true, autoDelete: true });
    await rabbit.channel.bindQueue('fan', exchange.control, '');
    rabbit.channel.publish(exchange.control, '', Buffer.from('all'));
    expect((await rabbit.take('fan')).content.toString()).toBe('all');
  });
});
