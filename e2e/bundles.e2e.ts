import { jobQueue } from '@roundhouse/rabbitmq';
import { testEnvironment, waitFor } from '@roundhouse/testing';
import { RoundhouseClient } from '@roundhouse/client';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ workers: 2, env: { ROUNDHOUSE_PREFETCH: '200' } });
});
afterAll(() => platform?.stop());

const total = 16_000;

/** Messages that the broker has put into a queue. */
async function published(queue: string): Promise<number> {
  const management = new URL(testEnvironment('ROUNDHOUSE_TEST_RABBITMQ_MANAGEMENT_URL'));
  const { username, password, origin } = management;
  const vhost = new URL(platform.amqpUrl).pathname.slice(1);
  const response = await fetch(`${origin}/api/queues/${vhost}/${queue}`, {
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
  });
  const { message_stats: stats } = (await response.json()) as { message_stats?: { publish?: number } };
  return stats?.publish ?? 0;
}

const countOf = async (state: string): Promise<number> => {
  const [row] = await platform.ledger.query(`select count(*)::int as n from ledger.jobs where state = $1`, [state]);
  return row.n;
};

it('thousands of jobs share messages, and a worker killed among them loses and doubles nothing', async () => {
  const client = new RoundhouseClient({ url: platform.service('gateway').url, apiKey: platform.acme.key as string });
  const jobs = Array.from({ length: total / 4 }, () => ({
    kind: 'platform.noop' as const,
    request: { text: 'bundled' },
  }));
  const accepted = (await Promise.all([1, 2, 3, 4].map(() => client.submitMany(jobs)))).flat();
  expect(new Set(accepted).size).toBe(total);
  await waitFor(async () => (await countOf('running')) > 0 && (await countOf('succeeded')) > total / 20, {
    intervalMs: 10,
    describe: 'the jobs to be under way',
  });
  await platform.service('probe').kill('SIGKILL');
  expect(await countOf('succeeded')).toBeLessThan(total);
  await platform.launch('probe');
  await platform.allFinished(accepted);
  const ends = await platform.ledger.query(
    `select j.state, count(distinct j.id)::int as jobs, count(h.*)::int as successes from ledger.jobs j
     left join ledger.job_history h on h.job_id = j.id and h.type = 'succeeded' group by j.state`,
  );
  expect(ends).toEqual([{ state: 'succeeded', jobs: total, successes: total }]);
  // The broker's statistics come every five seconds.
  const messages = await waitFor(() => published(jobQueue('default')), { describe: 'statistics' });
  console.info(`${total} jobs in ${messages} messages`);
  expect(messages).toBeLessThan(total / 2);
}, 240_000);
