import { TcpProxy, waitFor } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import type { BrokerConnection } from './broker-connection.js';
import {
  maxMessageBytes,
  MessageTooLargeError,
  Publisher,
  UnroutableError,
  type PublisherOptions,
} from './publisher.js';

const bodyOf = (i: number): Buffer => Buffer.from(String(i));
const toQueue = (routingKey: string, i = 0) => ({ exchange: '', routingKey, body: bodyOf(i), messageId: `m${i}` });

describe('Publisher', () => {
  let rabbit: TestRabbit;
  let proxy: TcpProxy;

  beforeAll(async () => {
    rabbit = await TestRabbit.start({ exchanges: [], queues: [], bindings: [] });
    proxy = await TcpProxy.before(rabbit.url);
  });
  afterAll(async () => {
    await rabbit.stop();
    await proxy.stop();
  });

  async function open(options: PublisherOptions = {}, url = rabbit.url): Promise<[Publisher, BrokerConnection]> {
    const connection = await rabbit.connect(url);
    return [await Publisher.open(connection, options), connection];
  }

  /** Takes messages until every one of `count` has come at least once; gives how often each did. */
  async function arrivals(queue: string, count: number): Promise<Map<string, number>> {
    const seen = new Map<string, number>();
    const ids = new Map<string, string>();
    const channel = await rabbit.rawChannel();
    await channel.consume(
      queue,
      (message) => {
        const body = message!.content.toString();
        seen.set(body, (seen.get(body) ?? 0) + 1);
        ids.set(body, String(message!.properties.messageId));
      },
      { noAck: true },
    );
    await waitFor(() => seen.size === count, { describe: `${count} messages in ${queue}` });
    await channel.close();
    for (const [body, id] of ids) expect(id).toBe(`m${body}`);
    return seen;
  }

  it('resolves when the broker has the message: persistent, with its id and properties', async () => {
    const [publisher] = await open();
    const queue = await rabbit.queue('confirmed');
    await publisher.publish({ ...toQueue(queue, 7), properties: { type: 'a.kind', headers: { 'rh-x': 1 } } });
    expect(publisher.pending).toBe(0);
    const { content, properties } = await rabbit.take(queue);
    expect([content.toString(), properties.messageId, properties.type, properties.deliveryMode]).toEqual([
      '7',
      'm7',
      'a.kind',
      2,
    ]);
    expect(properties.headers).toMatchObject({ 'rh-x': 1 });
  });

  it('rejects an unroutable message alone', async () => {
    const [publisher] = await open();
    const queue = await rabbit.queue('routable');
    const outcomes = await Promise.allSettled([
      publisher.publish(toQueue(queue, 1)),
      publisher.publish(toQueue('nowhere', 2)),
      publisher.publish(toQueue(queue, 3)),
    ]);
    expect(outcomes.map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((outcomes[1] as PromiseRejectedResult).reason).toBeInstanceOf(UnroutableError);
    expect((outcomes[1] as PromiseRejectedResult).reason.message).toBe(
      'No queue is bound to exchange  for routing key nowhere',
    );
  });

  it('rejects every unroutable message, also when they share an id', async () => {
    const [publisher] = await open();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => publisher.publish(toQueue('nowhere', 1))),
    );
    expect(outcomes.filter((o) => o.status === 'rejected')).toHaveLength(20);
    const queue = await rabbit.queue('after-returns');
    await publisher.publish(toQueue(queue, 1)); // the returns are not held against a later message with that id
  });

  it('refuses what the broker would close the channel over', async () => {
    const [publisher] = await open();
    const body = Buffer.alloc(maxMessageBytes + 1);
    await expect(publisher.publish({ exchange: '', routingKey: 'x', body, messageId: 'big' })).rejects.toThrow(
      MessageTooLargeError,
    );
  });

  it('keeps at most maxInFlight messages unconfirmed', async () => {
    const queue = await rabbit.queue('bounded');
    const [publisher] = await open({ maxInFlight: 7 });
    const sent: number[] = [];
    const { inFlight } = publisher as unknown as { inFlight: Set<unknown> };
    const all = Array.from({ length: 500 }, (_, i) =>
      publisher.publish(toQueue(queue, i)).then(() => sent.push(inFlight.size)),
    );
    expect(inFlight.size).toBe(7);
    expect(publisher.pending).toBe(500);
    await Promise.all(all);
    expect(Math.max(...sent)).toBeLessThanOrEqual(7);
    expect(publisher.pending).toBe(0);
    expect(await rabbit.ready(queue)).toBe(500);
  });

  it('loses nothing when the connection is cut again and again in mid-flight', async () => {
    const queue = await rabbit.queue('cut');
    const [publisher, connection] = await open({ maxInFlight: 200 }, proxy.through(rabbit.url));
    const count = 3_000;
    let confirmed = 0;
    const all = Array.from({ length: count }, (_, i) =>
      publisher.publish(toQueue(queue, i)).then(() => (confirmed += 1)),
    );
    for (const share of [0.1, 0.4, 0.7]) {
      await waitFor(() => confirmed > count * share, { describe: 'some confirms' });
      proxy.cut();
      await waitFor(() => !connection.connected, { describe: 'the loss to be noticed' });
      await waitFor(() => connection.connected, { describe: 'the connection to come back' });
    }
    await Promise.all(all);
    const seen = await arrivals(queue, count);
    expect(seen.size).toBe(count);
  });

  it('sends again under the same id what is not confirmed in time', async () => {
    const queue = await rabbit.queue('black-hole');
    const [publisher] = await open({ confirmTimeoutMs: 200 }, proxy.through(rabbit.url));
    await publisher.publish(toQueue(queue, 0));
    proxy.blackhole();
    const unknown = publisher.publish(toQueue(queue, 1));
    let answered = false;
    void unknown.then(() => (answered = true));
    const { inFlight } = publisher as unknown as { inFlight: Set<{ sentAt: number }> };
    const first = [...inFlight][0]!.sentAt;
    await waitFor(() => [...inFlight][0]!.sentAt > first, { describe: 'the second sending' });
    expect([answered, publisher.pending]).toEqual([false, 1]);
    proxy.heal();
    await unknown;
    expect((await arrivals(queue, 2)).get('1')).toBeGreaterThanOrEqual(2);
  });

  it('tries again when a full queue refuses', async () => {
    const queue = await rabbit.queue('full', { 'x-max-length': 1, 'x-overflow': 'reject-publish' });
    const [publisher] = await open();
    let confirmed = 0;
    const all = Array.from({ length: 5 }, (_, i) => publisher.publish(toQueue(queue, i)).then(() => (confirmed += 1)));
    const seen = new Set<string>();
    while (seen.size < 5) seen.add((await rabbit.take(queue)).content.toString());
    await Promise.all(all);
    expect(confirmed).toBe(5);
  });

  it('goes on on a new channel when the channel breaks', async () => {
    const queue = await rabbit.queue('channel-error');
    const [publisher] = await open();
    // A publish to an exchange that does not exist closes the channel; it succeeds as soon as there is one.
    const exchange = `late-${randomUUID()}`;
    const late = publisher.publish({ exchange, routingKey: queue, body: bodyOf(1), messageId: 'm1' });
    await waitFor(() => rabbit.log.has('channel error'), { describe: 'the channel error' });
    await rabbit.channel.assertExchange(exchange, 'direct', { autoDelete: true });
    await rabbit.channel.bindQueue(queue, exchange, queue);
    await late;
    await publisher.publish(toQueue(queue, 2));
    expect((await arrivals(queue, 2)).size).toBe(2);
  });

  it('rejects what is unconfirmed when it is closed, and everything afterwards', async () => {
    const queue = await rabbit.queue('closed', { 'x-max-length': 1, 'x-overflow': 'reject-publish' });
    const [publisher] = await open();
    await publisher.publish(toQueue(queue, 0));
    const stuck = expect(publisher.publish(toQueue(queue, 1))).rejects.toThrow('before the broker confirmed');
    await publisher.close();
    await stuck;
    await expect(publisher.publish(toQueue(queue, 2))).rejects.toThrow('The publisher is closed');
  });
});
