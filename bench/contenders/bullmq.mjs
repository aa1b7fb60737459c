import { Queue, QueueEvents } from 'bullmq';
import { startChild } from '../set-up/child.mjs';
import { waitUntil } from './wait-until.mjs';

/** BullMQ with one worker process; the queue's keys are its own and are removed at the end. */
export async function startBullmq({ redisUrl, name, concurrency }) {
  const { hostname: host, port, password } = new URL(redisUrl);
  const connection = { host, port: Number(port || 6379), password: decodeURIComponent(password) || undefined };
  const queue = new Queue(name, { connection });
  await queue.waitUntilReady();
  const worker = await startChild('bullmq-worker', { connection, name, concurrency });
  const events = new QueueEvents(name, { connection });
  await events.waitUntilReady();
  return new Bullmq(queue, events, async () => {
    await worker.stop();
    await events.close();
    await queue.obliterate({ force: true });
    await queue.close();
  });
}

class Bullmq {
  constructor(queue, events, stop) {
    this.queue = queue;
    this.events = events;
    this.stop = stop;
  }

  /** Seconds from the first addBulk to the moment at which Redis counts all jobs as completed. */
  async round({ jobs, text, clients, batch }) {
    const before = await this.queue.getCompletedCount();
    let left = jobs;
    const client = async () => {
      while (left > 0) {
        const size = Math.min(batch, left);
        left -= size;
        await this.queue.addBulk(Array.from({ length: size }, () => ({ name: 'noop', data: { text } })));
      }
    };
    const start = performance.now();
    const submitted = Promise.all(Array.from({ length: clients }, client)).then(() => performance.now());
    const submittedAt = await submitted;
    await waitUntil(async () => (await this.queue.getCompletedCount()) - before >= jobs);
    return { seconds: (performance.now() - start) / 1000, submitSeconds: (submittedAt - start) / 1000 };
  }

  /** Milliseconds from `add` to the completed event of one job while nothing else runs. */
  async latency(text) {
    const start = performance.now();
    const job = await this.queue.add('noop', { text });
    await job.waitUntilFinished(this.events);
    return performance.now() - start;
  }
}
