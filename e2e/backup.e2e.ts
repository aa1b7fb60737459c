import { purgeTopology, topology } from '@roundhouse/rabbitmq';
import { testEnvironment, waitFor } from '@roundhouse/testing';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startPlatform, type Platform } from './platform/platform.js';
import { postgresPrograms } from './platform/private-servers.js';

const run = promisify(execFile);
const jobs = 150;
const stepsEach = 2;

let platform: Platform;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'));
  platform = await startPlatform({
    env: { ROUNDHOUSE_LEASE: '10s' },
    envOf: {
      probe: { ROUNDHOUSE_PREFETCH: '5' },
      scheduler: { ROUNDHOUSE_SWEEP_INTERVAL: '500ms', ROUNDHOUSE_SWEEP_PATIENCE: '2s' },
    },
  });
});
afterAll(async () => {
  await platform?.stop();
  await rm(folder, { recursive: true, force: true });
});

const adminUrl = (): string => testEnvironment('ROUNDHOUSE_TEST_ADMIN_DATABASE_URL');
const databaseName = (): string => new URL(platform.urls.owner).pathname.slice(1);

/** At the server of the platform's database. */
function urlOf(database: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  return url.href;
}

async function asAdmin(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const stop = (...names: string[]) => Promise.all(names.map((name) => platform.service(name).stop()));
const states = async (): Promise<Record<string, number>> => {
  const rows = await platform.ledger.query<{ state: string; count: number }[]>(
    `select state, count(*)::integer as count from ledger.jobs group by state`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};

/** The job has done all it does, and the ledger does not know. */
async function isUnheard(id: string): Promise<boolean> {
  const rows = await platform.ledger.query<unknown[]>(
    `select from ledger.jobs j where j.id = $1 and j.state = 'running'
       and (select count(*) from probe.effects e where e.job_id = j.id) = ${stepsEach}`,
    [id],
  );
  return rows.length > 0;
}

/** As docs/operations.md says it: beside the database that is there, which then gives up its name. */
async function restore(programs: string, dump: string): Promise<void> {
  const [name, restored, before] = [databaseName(), `${databaseName()}_restored`, `${databaseName()}_before`];
  const { username: owner } = new URL(platform.urls.owner);
  await asAdmin(`create database ${restored} owner ${owner}`);
  await run(join(programs, 'pg_restore'), ['--exit-on-error', `--dbname=${urlOf(restored)}`, dump]);
  await asAdmin(
    `grant temporary on database ${restored} to roundhouse_worker`,
    `alter database ${name} rename to ${before}`,
    `alter database ${restored} rename to ${name}`,
    `drop database ${before}`,
  );
}

it('from a backup that was taken under load the platform goes on: nothing in it is lost, nothing is doubled', async () => {
  const programs = await postgresPrograms();
  if (!programs) return console.warn('skipped: PostgreSQL is not installed on this machine');
  const { acme } = platform;
  const done = await acme.probe({ effect: 'done', steps: stepsEach });
  const dead = await acme.probe({ failures: 99, failure_code: 'ERROR_CODE_INVALID_INPUT' });
  for (const id of [done, dead]) await acme.finished(id);
  const later = await acme.submit('platform.noop', {}, { body: { delay_seconds: 3_600 } });
  const once = { headers: { 'idempotency-key': 'before the backup' } };
  const keyed = await acme.submit('platform.noop', { text: 'keyed' }, once);
  const names = Array.from({ length: jobs }, (_, i) => `job-${i}`);
  const held = await acme.probe({ work: '20s', steps: stepsEach, effect: 'held' });
  await acme.running(held);
  const work = await Promise.all(names.map((effect) => acme.probe({ work: '1s', steps: stepsEach, effect })));

  const dump = join(folder, 'roundhouse.dump');
  await run(join(programs, 'pg_dump'), ['--format=custom', `--file=${dump}`, urlOf(databaseName())]);

  // What happens after the backup: jobs end, one is accepted, and what was running then ends with nobody there to hear of it.
  const after = await acme.probe({ effect: 'after' });
  await stop('gateway', 'scheduler');
  await waitFor(() => isUnheard(held), { timeoutMs: 60_000, describe: 'an outcome that nobody takes in' });
  await stop('probe');

  await platform.ledger.destroy();
  await purgeTopology(platform.amqpUrl, topology());
  await restore(programs, dump);
  await platform.ledger.initialize();
  const inBackup = Object.values(await states()).reduce((sum, count) => sum + count, 0);
  expect((await states()).queued).toBeGreaterThan(0);
  expect(await platform.effects('after')).toEqual([]);
  for (const name of ['gateway', 'scheduler', 'probe']) await platform.launch(name);

  await platform.allFinished([held, ...work], 240_000);
  expect((await acme.send(`/v1/jobs/${after}`)).status).toBe(404);
  expect(await acme.job(done)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect((await acme.job(dead)).state).toBe('dead');
  expect((await acme.job(later)).state).toBe('scheduled');
  expect(await acme.submit('platform.noop', { text: 'keyed' }, once)).toBe(keyed);
  expect(await states()).toMatchObject({ dead: 1, scheduled: 1, succeeded: inBackup - 2 });
  const effects = await platform.ledger.query<{ name: string; steps: number[] }[]>(
    `select name, array_agg(step order by step) as steps from probe.effects group by name`,
  );
  expect(new Set(effects.map(({ name }) => name))).toEqual(new Set(['done', 'held', ...names]));
  const doneSteps = effects[0]!.steps;
  expect(doneSteps).toHaveLength(stepsEach);
  expect(effects.filter(({ steps }) => `${steps}` !== `${doneSteps}`)).toEqual([]);
  const fresh = await acme.probe({ effect: 'fresh' });
  expect((await acme.finished(fresh)).state).toBe('succeeded');
});
