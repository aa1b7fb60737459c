import { openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import pg from 'pg';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchMemory } from '../set-up/memory.mjs';
import { newKeys } from '../set-up/keys.mjs';
import { runCommand, startService } from '../set-up/service.mjs';
import { waitUntil } from './wait-until.mjs';

/** Gateway and importer as processes of their own, on an empty database and virtual host. */
export async function startImporter({ databaseUrl, amqpUrl, folder }) {
  await mkdir(folder, { recursive: true });
  for (const app of ['gateway', 'importer'])
    await runCommand(app, 'migrate', [], { ROUNDHOUSE_OWNER_DATABASE_URL: databaseUrl });
  await runCommand('gateway', 'topology', ['apply'], { ROUNDHOUSE_AMQP_URL: amqpUrl });
  const variables = {
    ROUNDHOUSE_DATABASE_URL: databaseUrl,
    ROUNDHOUSE_AMQP_URL: amqpUrl,
    ROUNDHOUSE_STORAGE_DIR: folder,
    ...newKeys(),
    ROUNDHOUSE_SPREADSHEET_MAX_BYTES: String(1024 * 1024 * 1024),
  };
  const args = ['create', '--tenant', 'bench', '--name', 'bench', '--scopes', 'jobs:write,jobs:read', '--json'];
  const { key } = JSON.parse((await runCommand('gateway', 'api-key', args, variables)).trim().split('\n').at(-1));
  const gateway = await startService('gateway', variables);
  const importer = await startService('importer', variables).catch(async (error) => {
    await gateway.stop();
    throw error;
  });
  const database = new pg.Client({ connectionString: databaseUrl, application_name: 'roundhouse-bench' });
  await database.connect();
  return new Importer(`http://127.0.0.1:${gateway.ports.http}`, key, importer, database, async () => {
    await database.end();
    await importer.stop();
    await gateway.stop();
  });
}

class Importer {
  constructor(url, key, process, database, stop) {
    this.url = url;
    this.key = key;
    this.process = process;
    this.database = database;
    this.stop = stop;
  }

  /** Seconds from the accepted request to the success that the ledger has recorded. */
  async round({ file, rows, template }) {
    await this.database.query('truncate sheets_bench.items').catch(() => undefined); // the first round makes it
    const started = performance.now();
    const upload = await this.#upload(file);
    const uploadSeconds = (performance.now() - started) / 1000;
    const { id: templateId } = await this.#post('/v1/spreadsheets/templates', {
      ...template,
      name: randomBytes(8).toString('hex'),
    });
    const lag = this.#watchLag();
    const memory = watchMemory(this.process.pid);
    const start = performance.now();
    const { job_id: id } = await this.#post('/v1/spreadsheets/imports', {
      upload_id: upload.id,
      template_id: templateId,
    });
    await waitUntil(() => this.#ended(id), 900);
    const seconds = (performance.now() - start) / 1000;
    const peakRssMb = memory();
    const lagMs = await lag();
    const { result } = await this.#get(`/v1/jobs/${id}`);
    if (result?.created !== rows)
      throw new Error(`The import has created ${JSON.stringify(result)}, not ${rows} records`);
    return { seconds, uploadSeconds, peakRssMb, lagMs };
  }

  async #ended(id) {
    const { rows } = await this.database.query('select state from ledger.jobs where id = $1', [id]);
    return ['succeeded', 'dead', 'cancelled'].includes(rows[0]?.state);
  }

  /** Every scrape tells the longest delay since the last one. */
  #watchLag() {
    let longest = 0;
    let running = true;
    const scrape = async () => {
      const text = await (await fetch(`http://127.0.0.1:${this.process.ports.health}/metrics`)).text();
      const value = Number(/roundhouse_event_loop_lag_seconds\{[^}]*quantile="1"[^}]*\} (\S+)/.exec(text)?.[1] ?? NaN);
      if (Number.isNaN(value)) throw new Error('The importer has no metric of its event-loop lag');
      return value * 1000;
    };
    const watching = (async () => {
      await scrape(); // what was before
      while (running) {
        await sleep(500);
        longest = Math.max(longest, await scrape());
      }
    })();
    return async () => {
      running = false;
      await watching;
      return longest;
    };
  }

  async #upload(file) {
    const form = new FormData();
    form.set('file', await openAsBlob(file), 'items.xlsx');
    return this.#send('/v1/spreadsheets/uploads', { method: 'POST', body: form });
  }

  #post(path, body) {
    const headers = { 'content-type': 'application/json' };
    return this.#send(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  #get(path) {
    return this.#send(path, {});
  }

  async #send(path, { headers, ...init }) {
    const answer = await fetch(this.url + path, {
      ...init,
      headers: { authorization: `Bearer ${this.key}`, ...headers },
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
