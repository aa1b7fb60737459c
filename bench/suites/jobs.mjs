import { randomBytes } from 'node:crypto';
import { startBroker } from '../contenders/broker.mjs';
import { startBullmq } from '../contenders/bullmq.mjs';
import { startPlatform } from '../contenders/platform.mjs';
import { createDatabase, durability } from '../set-up/own-database.mjs';
import { createVhost } from '../set-up/own-vhost.mjs';
import { machine } from '../set-up/machine.mjs';
import { required } from '../set-up/required.mjs';
import { quantile, rounded, summary } from '../statistics.mjs';

const text = 'x'.repeat(64);
const clients = 4;
const batch = 500;
const prefetch = 1_000;
const bullmqConcurrency = 200;
const messageBytes = 200;
const latencyJobs = 100;

/** Jobs that do nothing, end to end, beside BullMQ and the bare broker; a round of each in turn, so that all see the same machine. */
export async function jobsSuite({ jobs, rounds, note }) {
  const name = `roundhouse-bench-${randomBytes(4).toString('hex')}`;
  const adminUrl = required('ROUNDHOUSE_ADMIN_DATABASE_URL');
  const given = { amqp: required('ROUNDHOUSE_AMQP_URL'), redis: required('ROUNDHOUSE_REDIS_URL') };
  const clean = [];
  try {
    const database = await createDatabase(adminUrl, name);
    clean.unshift(database.drop);
    const vhost = await createVhost(given.amqp, process.env.ROUNDHOUSE_RABBITMQ_MANAGEMENT_URL, name);
    clean.unshift(vhost.drop);
    const ours = await startPlatform({ databaseUrl: database.url, amqpUrl: vhost.url, prefetch });
    clean.unshift(ours.stop);
    const bullmq = await startBullmq({ redisUrl: given.redis, name, concurrency: bullmqConcurrency });
    clean.unshift(bullmq.stop);
    const limit = await startBroker({ amqpUrl: vhost.url, queue: name, prefetch });
    clean.unshift(limit.stop);

    const contenders = { ours, bullmq, limit };
    const workload = { jobs, text, clients, batch, bytes: messageBytes };
    const rates = await race(contenders, workload, rounds, note);
    const latency = { ours: await latencies(ours), bullmq: await latencies(bullmq) };
    return { ...report(rates, latency), ...(await settings({ jobs, rounds, adminUrl })) };
  } finally {
    for (const step of clean) await step();
  }
}

/** Jobs a second of every round, by contender. The first, smaller round lets the engines compile and is not counted. */
async function race(contenders, workload, rounds, note) {
  const rates = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const jobs = round === 0 ? Math.ceil(workload.jobs / 2) : workload.jobs;
    for (const [name, contender] of Object.entries(contenders)) {
      const { seconds, submitSeconds } = await contender.round({ ...workload, jobs });
      const rate = jobs / seconds;
      const label = round === 0 ? 'warm-up' : `round ${round}`;
      note(
        `${label}: ${name} ${Math.round(rate)} jobs/s (submitted in ${rounded(submitSeconds)} of ${rounded(seconds)} s)`,
      );
      if (round > 0) rates[name].push(rate);
    }
  }
  return rates;
}

async function latencies(contender) {
  const values = [];
  for (let n = 0; n < latencyJobs; n += 1) values.push(await contender.latency(text));
  return { p50_ms: rounded(quantile(values, 0.5), 1), p95_ms: rounded(quantile(values, 0.95), 1) };
}

function report(rates, latency) {
  const [ours, bullmq, limit] = [rates.ours, rates.bullmq, rates.limit].map(summary);
  return {
    suite: 'jobs',
    unit: 'jobs/s',
    ours,
    peers: { bullmq },
    limit,
    ratio_best_peer: rounded(ours.median / bullmq.median),
    ratio_limit: rounded(ours.median / limit.median),
    latency,
  };
}

async function settings({ jobs, rounds, adminUrl }) {
  return {
    settings: {
      jobs,
      rounds,
      payload_bytes: text.length,
      submission: `${clients} clients, ${batch} jobs a request (ours the client library, BullMQ addBulk)`,
      ours: { processes: 'gateway, one worker', prefetch, postgresql: await durability(adminUrl) },
      bullmq: { processes: 'one worker', concurrency: bullmqConcurrency, redis: 'appendonly no, no snapshots' },
      limit: { message_bytes: messageBytes, prefetch, queue: 'quorum', persistent: true, confirms: true },
    },
    machine: machine(),
  };
}

export function describeJobs({ ours, peers, limit, latency, ...ratios }) {
  const line = (name, { median, min, max }) =>
    `${name.padEnd(12)} ${String(median).padStart(7)} jobs/s  (${min} … ${max})`;
  return [
    line('Roundhouse', ours),
    line('BullMQ', peers.bullmq),
    line('bare broker', limit),
    `${ratios.ratio_best_peer} times BullMQ, ${ratios.ratio_limit} of the bare broker`,
    `one job at a time: ${latency.ours.p50_ms} ms (p95 ${latency.ours.p95_ms}); BullMQ ${latency.bullmq.p50_ms} ms (p95 ${latency.bullmq.p95_ms})`,
  ].join('\n');
}
