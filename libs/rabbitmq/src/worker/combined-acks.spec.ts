import type { Channel, ConsumeMessage } from 'amqplib';
import { waitFor } from '@roundhouse/testing';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { CombinedAcks, type Settling } from './combined-acks.js';

const queue = 'acks';

/** Small, seeded and the same everywhere (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

describe('CombinedAcks', () => {
  let rabbit: TestRabbit;
  let channel: Channel;

  beforeAll(async () => {
    rabbit = await TestRabbit.start();
    await rabbit.channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum' } });
  });
  afterAll(() => rabbit.stop());

  /** Deliveries of `n` messages on a new channel, all of them unsettled. */
  async function deliver(n: number): Promise<ConsumeMessage[]> {
    for (let i = 0; i < n; i += 1) rabbit.channel.sendToQueue(queue, Buffer.from(String(i)));
    channel = await rabbit.rawChannel();
    const messages: ConsumeMessage[] = [];
    await channel.consume(queue, (message) => message && messages.push(message));
    await waitFor(() => messages.length === n, { describe: `${n} deliveries` });
    return messages;
  }

  /** What the broker delivers again once the channel is gone. */
  async function leftOver(): Promise<string[]> {
    await channel.close();
    // It takes the channel's consumer off and its deliveries back in one step, a moment after the channel is gone.
    await waitFor(async () => (await rabbit.consumers(queue)) === 0, { describe: 'the deliveries to come back' });
    const left: string[] = [];
    for (;;) {
      const message = await rabbit.channel.get(queue, { noAck: true });
      if (!message) return left.sort();
      left.push(message.content.toString());
    }
  }

  it.each([1, 2, 3, 4, 5])(
    'acknowledges what was acknowledged and nothing else, in any order (seed %d)',
    async (seed) => {
      const random = randomOf(seed);
      // Few enough: a channel that is closed gives up what it has not yet passed on to a quorum queue, beyond 32 commands.
      const messages = await deliver(30);
      const acks = new CombinedAcks(channel, rabbit.log);
      const kept: string[] = [];
      for (const message of shuffled(messages, random)) {
        const fate = random();
        if (fate < 0.1) kept.push(message.content.toString());
        // Handed back and rejected for good: without a dead-letter exchange a rejected message is gone.
        else if (fate < 0.2) acks.nack(message, false, false);
        else acks.ack(message);
        if (random() < 0.05) await new Promise((resolve) => setImmediate(resolve));
      }
      acks.flush();
      expect(await leftOver()).toEqual(kept.sort());
    },
  );

  /** The channel's acknowledgements, with whether each stands for several. */
  function counted(frames: boolean[]): Settling {
    return {
      ack: (message, allUpTo) => {
        frames.push(allUpTo === true);
        channel.ack(message, allUpTo);
      },
      nack: channel.nack.bind(channel),
    };
  }

  it('needs one frame for what was settled in a turn', async () => {
    const messages = await deliver(50);
    const frames: boolean[] = [];
    const acks = new CombinedAcks(counted(frames), rabbit.log);
    for (const message of [...messages].reverse()) acks.ack(message);
    await waitFor(() => frames.length > 0, { describe: 'the acknowledgement' });
    expect(await leftOver()).toEqual([]);
    expect(frames).toEqual([true]);
  });

  it('does not keep a delivery waiting for an earlier one that takes its time', async () => {
    const messages = await deliver(3);
    const frames: boolean[] = [];
    const acks = new CombinedAcks(counted(frames), rabbit.log);
    acks.ack(messages[2] as ConsumeMessage);
    await waitFor(() => frames.length > 0, { describe: 'the acknowledgement' });
    expect(await leftOver()).toEqual(['0', '1']);
  });
});
