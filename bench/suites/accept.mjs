import { randomBytes } from 'node:crypto';
import { startPlatform } from '../contenders/platform.mjs';
import { machine } from '../set-up/machine.mjs';
import { createDatabase, durability } from '../set-up/own-database.mjs';
import { createVhost } from '../set-up/own-vhost.mjs';
import { required } from '../set-up/required.mjs';
import { rounded, summary } from '../statistics.mjs';

const workload = { text: 'x'.repeat(64), clients: 4, batch: 1_000 };

/** Jobs accepted through the client library and the bulk endpoint: each is committed, with its outbox row, when it is answered. */
export async function acceptSuite({ jobs, rounds, note }) {
  const name = `roundhouse-bench-${randomBytes(4).toString('hex')}`;
  const adminUrl = required('ROUNDHOUSE_ADMIN_DATABASE_URL');
  const clean = [];
  try {
    const database = await createDatabase(adminUrl, name);
    clean.unshift(database.drop);
    const vhost = await createVhost(
      required('ROUNDHOUSE_AMQP_URL'),
      process.env.ROUNDHOUSE_RABBITMQ_MANAGEMENT_URL,
      name,
    );
    clean.unshift(vhost.drop);
    const ours = await startPlatform({ databaseUrl: database.url, amqpUrl: vhost.url });
    clean.unshift(ours.stop);
    const rates = [];
    // The first round lets the engine compile and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      const { seconds } = await ours.acceptance({ ...workload, jobs });
      note(
        `${round === 0 ? 'warm-up' : `round ${round}`}: ${Math.round(jobs / seconds)} jobs/s (${rounded(seconds)} s)`,
      );
      if (round > 0) rates.push(jobs / seconds);
    }
    const settings = { jobs, rounds, ...workload, text: undefined, payload_bytes: workload.text.length };
    const postgresql = await durability(adminUrl);
    return {
      suite: 'accept',
      unit: 'jobs/s',
      ours: summary(rates),
      settings: { ...settings, postgresql },
      machine: machine(),
    };
  } finally {
    for (const step of clean) await step();
  }
}

export const describeAccept = ({ ours: { median, min, max } }) =>
  `accepted     ${String(median).padStart(7)} jobs/s  (${min} … ${max})`;
