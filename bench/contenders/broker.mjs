import { connect } from 'amqplib';
import { startChild } from '../set-up/child.mjs';

/** The bare broker: what remains when nothing is claimed, run or remembered. The limit of anything that goes through it. */
export async function startBroker({ amqpUrl, queue, prefetch }) {
  const connection = await connect(amqpUrl);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  const consumer = await startChild('broker-consumer', { amqpUrl, queue, prefetch });
  return new Broker(channel, queue, consumer, async () => {
    await consumer.stop();
    await channel.deleteQueue(queue);
    await connection.close();
  });
}

class Broker {
  constructor(channel, queue, consumer, stop) {
    this.channel = channel;
    this.queue = queue;
    this.consumer = consumer;
    this.stop = stop;
  }

  /** Seconds from the first publish to the last acknowledgement, with every message confirmed. */
  async round({ jobs, bytes }) {
    const body = Buffer.alloc(bytes, 'x');
    const consumed = this.consumer.ask(jobs);
    const start = performance.now();
    for (let sent = 0; sent < jobs; sent += 1) {
      if (this.channel.sendToQueue(this.queue, body, { persistent: true })) continue;
      await new Promise((resolve) => this.channel.once('drain', resolve));
    }
    await this.channel.waitForConfirms();
    const submittedAt = performance.now();
    await consumed;
    return { seconds: (performance.now() - start) / 1000, submitSeconds: (submittedAt - start) / 1000 };
  }
}
