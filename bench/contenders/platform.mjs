import pg from 'pg';
import { RoundhouseClient } from '../../libs/client/dist/index.js';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { newKeys } from '../set-up/keys.mjs';
import { runCommand, startService } from '../set-up/service.mjs';
import { waitUntil } from './wait-until.mjs';

/** Gateway and worker as processes of their own, on an empty database and virtual host. Without `prefetch` there is no worker. */
export async function startPlatform({ databaseUrl, amqpUrl, prefetch }) {
  for (const app of ['gateway', 'probe']) {
    await runCommand(app, 'migrate', [], { ROUNDHOUSE_OWNER_DATABASE_URL: databaseUrl });
  }
  await runCommand('gateway', 'topology', ['apply'], { ROUNDHOUSE_AMQP_URL: amqpUrl });
  const variables = {
    ROUNDHOUSE_DATABASE_URL: databaseUrl,
    ROUNDHOUSE_AMQP_URL: amqpUrl,
    // The gateway wants these; no benchmark uploads a file or connects a broker.
    ROUNDHOUSE_STORAGE_DIR: tmpdir(),
    ...newKeys(),
  };
  const key = await createKey(variables);
  const gateway = await startService('gateway', variables);
  const worker = prefetch && (await startService('probe', { ...variables, ROUNDHOUSE_PREFETCH: String(prefetch) }));
  const ledger = new pg.Client({ connectionString: databaseUrl, application_name: 'roundhouse-bench' });
  await ledger.connect();
  return new Platform(`http://127.0.0.1:${gateway.ports.http}`, key, ledger, async () => {
    await ledger.end();
    await worker?.stop();
    await gateway.stop();
  });
}

async function createKey(variables) {
  const args = ['create', '--tenant', 'bench', '--name', 'bench', '--scopes', 'jobs:write', '--json'];
  const output = await runCommand('gateway', 'api-key', args, variables);
  return JSON.parse(output.trim().split('\n').at(-1)).key;
}

class Platform {
  constructor(url, key, ledger, stop) {
    this.url = url;
    this.key = key;
    this.client = new RoundhouseClient({ url, apiKey: key });
    this.ledger = ledger;
    this.stop = stop;
  }

  /**
   * Seconds from the first submission to the moment at which the ledger says of all jobs that they have succeeded, as any
   * reader of the database sees it.
   */
  async round({ jobs, text, clients, batch }) {
    const last = await this.#lastJob();
    const start = performance.now();
    const submitted = this.#submit({ jobs, text, clients, batch }).then(() => performance.now());
    const submittedAt = await submitted;
    await waitUntil(() => this.#allSucceededAfter(last));
    const seconds = (performance.now() - start) / 1000;
    await this.#assertStored(last, jobs, 'succeeded');
    return { seconds, submitSeconds: (submittedAt - start) / 1000 };
  }

  /** Seconds until every job has been answered with 202, which is after its commit. */
  async acceptance({ jobs, text, clients, batch }) {
    const last = await this.#lastJob();
    const start = performance.now();
    await this.#submit({ jobs, text, clients, batch });
    const seconds = (performance.now() - start) / 1000;
    await this.#assertStored(last, jobs, 'queued');
    return { seconds };
  }

  async #submit({ jobs, text, clients, batch }) {
    let left = jobs;
    const client = async () => {
      while (left > 0) {
        const size = Math.min(batch, left);
        left -= size;
        await this.client.submitMany(
          Array.from({ length: size }, () => ({ kind: 'platform.noop', request: { text } })),
        );
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
  }

  /** Milliseconds from the request to the committed success of one job while nothing else runs. */
  async latency(text) {
    const body = JSON.stringify({ kind: 'platform.noop', payload: { text } });
    const start = performance.now();
    const { id } = await this.#post('/v1/jobs', body);
    for (;;) {
      const { rows } = await this.ledger.query({
        name: 'state',
        text: 'select state from ledger.jobs where id = $1',
        values: [id],
      });
      if (rows[0]?.state === 'succeeded') return performance.now() - start;
      await sleep(1);
    }
  }

  async #post(path, body) {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      body,
    });
    if (response.status !== 202) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  /** Ids are UUIDv7, made by one process: what comes later is greater. */
  async #lastJob() {
    const { rows } = await this.ledger.query(`select id from ledger.jobs order by id desc limit 1`);
    return rows[0]?.id ?? '00000000-0000-0000-0000-000000000000';
  }

  /** Looks at the newest job first, which is the last to finish: counting them all would take the database's time. */
  async #allSucceededAfter(id) {
    const { rows } = await this.ledger.query({
      name: 'unfinished',
      text: `select id from ledger.jobs where id > $1 and state <> 'succeeded' order by id desc limit 1`,
      values: [id],
    });
    return rows.length === 0;
  }

  async #assertStored(id, jobs, state) {
    const { rows } = await this.ledger.query(
      `select count(*)::integer as done from ledger.jobs where id > $1 and state = $2`,
      [id, state],
    );
    if (rows[0].done !== jobs) throw new Error(`${rows[0].done} jobs are ${state}, not ${jobs}`);
  }
}
