import { deliveryProperties, encodeDelivery, exchange } from '@roundhouse/rabbitmq';
import { connect } from 'amqplib';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform({ workers: 2 });
  ({ acme } = platform);
});
afterAll(() => platform?.stop());

interface Row {
  id: string;
  payload: Buffer;
  traceparent: string;
  created_at: Date;
}

/** Sends five more deliveries of each job, in an order of its own. */
async function flood(ids: readonly string[]): Promise<void> {
  const rows = await platform.ledger.query<Row[]>(
    `select id, payload, traceparent, created_at from ledger.jobs where id = any($1::uuid[])`,
    [ids],
  );
  const connection = await connect(platform.amqpUrl);
  const channel = await connection.createConfirmChannel();
  const copies = Array.from({ length: 5 }, () => rows)
    .flat()
    .sort(() => Math.random() - 0.5);
  for (const { id, payload, traceparent, created_at: enqueuedAt } of copies) {
    const job = {
      jobId: id,
      tenantId: 'acme',
      kind: 'platform.probe',
      version: 1,
      payload,
      enqueuedAt,
      timeoutMs: 60_000,
      traceparent,
    };
    const body = encodeDelivery(job as never, new Date());
    channel.publish(exchange.jobs, 'probes', body, {
      ...deliveryProperties(job as never, body),
      messageId: id,
      persistent: true,
    });
  }
  await channel.waitForConfirms();
  await connection.close();
}

it('every delivery five times more and in any order: every effect once', async () => {
  const ids = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      acme.probe({
        work: `${((i % 4) * 0.2).toFixed(1)}s`,
        steps: 2,
        effect: `dup-${i}`,
        failures: i % 3 === 0 ? 1 : 0,
        failure_code: 'ERROR_CODE_UNAVAILABLE',
        follow_ups: [`after-${i}`],
      }),
    ),
  );
  await flood(ids);
  await platform.allFinished(ids);
  await flood(ids); // once more when all is over
  const late = await acme.probe({});
  await acme.finished(late);
  for (const [i, id] of ids.entries()) {
    const job = await acme.job(id);
    expect(job).toMatchObject({ state: 'succeeded', failures: i % 3 === 0 ? 1 : 0 });
    expect(job.follow_ups).toHaveLength(1);
    expect((await platform.effects(`dup-${i}`)).map((effect) => effect.step)).toEqual([0, 1]);
    expect((await platform.history(id)).filter((entry) => entry.type === 'succeeded')).toHaveLength(1);
  }
});
