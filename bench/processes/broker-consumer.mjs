import { connect } from 'amqplib';

const { amqpUrl, queue, prefetch } = JSON.parse(process.argv[2]);

const connection = await connect(amqpUrl);
const channel = await connection.createChannel();
let expected = 0;
let acknowledged = 0;

/** The asker's count is reached. */
function report() {
  if (expected === 0 || acknowledged < expected) return;
  process.send({ acknowledged });
  expected = 0;
  acknowledged = 0;
}

await channel.prefetch(prefetch);
await channel.consume(queue, (message) => {
  channel.ack(message);
  acknowledged += 1;
  report();
});
process.on('message', (jobs) => {
  expected = jobs;
  report();
});
process.once('disconnect', async () => {
  await connection.close();
  process.exit(0);
});
process.send({ ready: true });
