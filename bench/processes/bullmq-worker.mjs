import { Worker } from 'bullmq';

const { connection, name, concurrency } = JSON.parse(process.argv[2]);

const worker = new Worker(name, async (job) => ({ text: job.data.text }), { connection, concurrency });
await worker.waitUntilReady();
process.once('disconnect', async () => {
  await worker.close();
  process.exit(0);
});
process.send({ ready: true });
