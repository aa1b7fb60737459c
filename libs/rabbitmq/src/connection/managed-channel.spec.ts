import { TcpProxy, waitFor } from '@roundhouse/testing';
import type { Channel } from 'amqplib';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { BrokerConnection } from './broker-connection.js';
import { abandonChannel, ChannelClosedError } from './managed-channel.js';

describe('connections and channels', () => {
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

  /** Opens a channel that consumes `queue`; gives what arrives, and how often the channel was set up. */
  async function consume(connection: BrokerConnection, queue: string) {
    const seen: string[] = [];
    let setUps = 0;
    const managed = await connection.openChannel(async (channel: Channel) => {
      setUps += 1;
      await channel.consume(
        queue,
        (message) => (message ? void seen.push(message.content.toString()) : void abandonChannel(channel, rabbit.log)),
        { noAck: true },
      );
    });
    const arrives = async (text: string) => {
      rabbit.channel.sendToQueue(queue, Buffer.from(text));
      await waitFor(() => seen.includes(text), { describe: `${text} to arrive` });
    };
    return { managed, arrives, setUps: () => setUps };
  }

  it('rejects at once when nobody may or can connect', async () => {
    const wrong = new URL(rabbit.url);
    wrong.password = 'wrong';
    await expect(BrokerConnection.open({ url: wrong.href, name: 'test', log: rabbit.log })).rejects.toThrow(
      /403|ACCESS/,
    );
  });

  it('sets a channel up again after an error on it, and leaves the others alone', async () => {
    const connection = await rabbit.connect();
    const broken = await consume(connection, await rabbit.queue('broken'));
    const other = await consume(connection, await rabbit.queue('other'));
    const lost: string[] = [];
    broken.managed.onLost(() => lost.push('broken'));
    const first = broken.managed.current!;
    await expect(first.checkQueue('no-such-queue')).rejects.toThrow('404');
    await waitFor(() => broken.setUps() === 2, { describe: 'the second set-up' });
    await broken.arrives('after the error');
    await other.arrives('undisturbed');
    expect([lost, other.setUps(), connection.connected]).toEqual([['broken'], 1, true]);
    expect(await broken.managed.ready()).not.toBe(first);
  });

  it('consumes again when the queue was deleted and made anew', async () => {
    const connection = await rabbit.connect();
    const queue = await rabbit.queue('deleted');
    const { arrives, setUps } = await consume(connection, queue);
    const other = await consume(connection, await rabbit.queue('kept'));
    await arrives('before');
    await rabbit.channel.deleteQueue(queue);
    await waitFor(() => setUps() >= 3, { describe: 'attempts on the missing queue' });
    await rabbit.queue(queue);
    await waitFor(async () => (await rabbit.consumers(queue)) === 1, { describe: 'the consumer' });
    await arrives('after');
    expect([other.setUps(), connection.connected]).toEqual([1, true]);
  });

  it('comes back after every loss of the connection, with all its channels', async () => {
    const connection = await rabbit.connect(proxy.through(rabbit.url));
    const told: string[] = [];
    for (const event of ['connect', 'disconnect']) connection.on(event, () => told.push(event));
    const queue = await rabbit.queue('reconnected');
    const { arrives, setUps } = await consume(connection, queue);
    expect(connection.connectedForMs).toBeLessThan(60_000);
    for (let round = 1; round <= 3; round += 1) {
      proxy.cut();
      await waitFor(() => told.length === round * 2, { describe: 'the connection to come back' });
      await arrives(`round ${round}`);
    }
    expect(told).toEqual(['disconnect', 'connect', 'disconnect', 'connect', 'disconnect', 'connect']);
    expect(setUps()).toBe(4);
    expect(await rabbit.consumers(queue)).toBe(1);
  });

  it('knows that it is not connected, and waits', async () => {
    const connection = await rabbit.connect(proxy.through(rabbit.url));
    const { managed } = await consume(connection, await rabbit.queue('refused'));
    proxy.refuse();
    await waitFor(() => !connection.connected, { describe: 'the loss' });
    expect([connection.connectedForMs, managed.current]).toEqual([Infinity, undefined]);
    const later = managed.ready();
    proxy.heal();
    expect(await later).toBe(managed.current);
  });

  it('brings the other channels back when one cannot be set up', async () => {
    const connection = await rabbit.connect(proxy.through(rabbit.url));
    const gone = await consume(connection, await rabbit.queue('gone'));
    const { arrives } = await consume(connection, await rabbit.queue('there'));
    proxy.refuse();
    await waitFor(() => !connection.connected, { describe: 'the loss' });
    await rabbit.channel.deleteQueue('gone');
    proxy.heal();
    await arrives('in spite of it');
    expect(connection.connected).toBe(true);
    await rabbit.queue('gone');
    await gone.arrives('in the end');
  });

  it('tells those who wait for a channel that it was closed', async () => {
    const connection = await rabbit.connect(proxy.through(rabbit.url));
    const { managed } = await consume(connection, await rabbit.queue('closing'));
    proxy.refuse();
    await waitFor(() => !managed.current, { describe: 'the loss' });
    const waiting = managed.ready();
    await managed.close();
    await expect(waiting).rejects.toThrow(ChannelClosedError);
    await expect(managed.ready()).rejects.toThrow(ChannelClosedError);
    proxy.heal();
  });

  it('rejects the first set-up that fails', async () => {
    const connection = await rabbit.connect();
    await expect(consume(connection, 'never-declared')).rejects.toThrow('404');
    expect(connection.connected).toBe(true);
  });

  it('notices a dead connection by its heartbeat', async () => {
    const url = new URL(proxy.through(rabbit.url));
    url.searchParams.set('heartbeat', '1');
    const connection = await rabbit.connect(url.href);
    const { arrives } = await consume(connection, await rabbit.queue('heartbeat'));
    proxy.blackhole();
    await waitFor(() => !connection.connected, { describe: 'the missing heartbeats' });
    proxy.heal();
    await arrives('again');
  });
});
