import { jobQueue, quarantineQueue, waitQueue } from '@roundhouse/rabbitmq';
import { waitLevelsMs } from '@roundhouse/jobs';
import { waitFor } from '@roundhouse/testing';
import { connect } from 'amqplib';
import type { Client, ProbePayload } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform({ workers: 2, env: { ROUNDHOUSE_LEASE: '10s' } });
  ({ acme } = platform);
});
afterAll(() => platform?.stop());

const total = 300;
const rounds = 5;

function mixed(i: number): ProbePayload {
  const failures = i % 7 === 0 ? 1 : 0;
  return {
    text: `soak-${i}`,
    work: `${((i % 5) * 0.1).toFixed(1)}s`,
    steps: 1 + (i % 3),
    effect: `soak-${i}`,
    ...(i % 11 === 0 ? { follow_ups: [`child-${i}`] } : {}),
    ...(failures > 0 && { failures, failure_code: 'ERROR_CODE_UNAVAILABLE' }),
    ...(i % 50 === 0 && { failures: 1, failure_code: 'ERROR_CODE_INVALID_INPUT' }),
  };
}

it('300 mixed jobs while workers are killed: every 202 ends, every effect happens once, nothing is left over', async () => {
  const accepted: string[] = [];
  const restarts: Promise<unknown>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const first = accepted.length;
    const wave = Array.from({ length: total / rounds }, (_, n) => acme.probe(mixed(first + n)));
    accepted.push(...(await Promise.all(wave)));
    await started(accepted.slice(first), 5);
    const name = round % 2 === 0 ? 'probe' : 'probe2';
    await Promise.all(restarts.splice(0)); // the other one is back
    await platform.service(name).kill('SIGKILL');
    restarts.push(platform.launch(name));
  }
  await Promise.all(restarts);
  await platform.allFinished(accepted);
  expect(new Set(accepted).size).toBe(total);

  const lost: string[] = [];
  const wrong: string[] = [];
  for (const [i, id] of accepted.entries()) {
    const job = await acme.job(id).catch(() => undefined);
    if (!job) lost.push(id);
    else if (job.state !== (i % 50 === 0 ? 'dead' : 'succeeded'))
      wrong.push(`${i}: ${job.state} ${JSON.stringify(job.error)}`);
  }
  expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });

  // The table has no unique constraint: what happened twice is there twice.
  const doubled = await platform.ledger.query(
    `select name, step, count(*) from probe.effects group by name, step having count(*) <> 1`,
  );
  const [effects] = await platform.ledger.query(`select count(*)::integer as n from probe.effects`);
  const expected = accepted.reduce((sum, _, i) => sum + 1 + (i % 3), 0);
  expect({ doubled, effects: effects.n }).toEqual({ doubled: [], effects: expected });

  const children = await platform.ledger.query<{ id: string }[]>(
    `select id from ledger.jobs where parent_id is not null`,
  );
  const parents = accepted.filter((_, i) => i % 11 === 0 && i % 50 !== 0).length;
  expect(children).toHaveLength(parents);
  await platform.allFinished(children.map((child) => child.id));
  await expectNothingLeft();
}, 600_000);

async function started(ids: readonly string[], count: number): Promise<void> {
  const look = async () => {
    const [row] = await platform.ledger.query(
      `select count(*)::integer as n from ledger.jobs where id = any($1::uuid[]) and attempt > 0`,
      [ids],
    );
    return row.n >= count;
  };
  await waitFor(look, { describe: `${count} of ${ids.length} jobs to start` });
}

async function expectNothingLeft(): Promise<void> {
  await waitFor(async () => (await platform.outboxSize()) === 0, { describe: 'an empty outbox' });
  const stuck = await platform.ledger.query(
    `select id from ledger.jobs where lease_until is not null or worker_id is not null and state <> 'succeeded'`,
  );
  expect(stuck).toEqual([]);
  const connection = await connect(platform.amqpUrl);
  const channel = await connection.createChannel();
  try {
    const queues = [jobQueue('probes'), quarantineQueue, ...waitLevelsMs.map(waitQueue)];
    for (const queue of queues) {
      await waitFor(async () => (await channel.checkQueue(queue)).messageCount === 0, {
        describe: `${queue} to be empty`,
      });
    }
  } finally {
    await connection.close();
  }
}
