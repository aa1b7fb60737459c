import { waitFor } from '@roundhouse/testing';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPlatform, type Platform } from './platform/platform.js';
import { SpreadsheetsClient } from './spreadsheets/spreadsheets-client.js';

const kills = 20;
const rows = 24_000;
const badEvery = 400;

let platform: Platform;
let sheets: SpreadsheetsClient;

beforeAll(async () => {
  platform = await startPlatform({
    workers: 0,
    importers: 1,
    // The importer is killed on purpose: its jobs are not to blame.
    env: { ROUNDHOUSE_MAX_CRASHES: '1000', ROUNDHOUSE_LEASE: '10s' },
  });
  sheets = new SpreadsheetsClient(() => platform.service('gateway').url, platform.acme);
});
afterAll(async () => platform?.stop());

const sheet = (count: number): string =>
  [
    'sku,name,quantity',
    ...Array.from({ length: count }, (_, i) => `S-${i},Thing number ${i},${i % badEvery === 7 ? 'none' : i}`),
  ].join('\n');

async function begin(target: string, mode: string, content: string): Promise<string> {
  const columns = [
    { name: 'sku', type: 'string', required: true },
    { name: 'name', type: 'string' },
    { name: 'quantity', type: 'integer' },
  ];
  const template = await sheets.send('/v1/spreadsheets/templates', 'POST', {
    name: target,
    target,
    key: ['sku'],
    columns,
  });
  const body = { upload_id: await sheets.uploaded(content, `${target}.csv`), template_id: template.id, mode };
  return (await sheets.send('/v1/spreadsheets/imports', 'POST', body)).job_id;
}

interface Stored {
  records: number;
  rows: number;
  errors: number;
  erroneous: number;
  failed: number;
  staged: number;
}

async function stored(target: string, id: string): Promise<Stored> {
  const [table] = await platform.ledger.query<{ there: boolean }[]>(
    `select to_regclass('sheets_acme.' || $1) is not null as there`,
    [target],
  );
  const records = table?.there
    ? `sheets_acme."${target}"`
    : `(select null::uuid as _import_id, 0 as _source_row where false)`;
  const [found] = await platform.ledger.query<Stored[]>(
    `select (select count(*)::int from ${records} r) as records,
            (select count(distinct _source_row)::int from ${records} r where _import_id = $1) as rows,
            (select count(*)::int from spreadsheets.row_errors where import_id = $1) as errors,
            (select count(distinct row)::int from spreadsheets.row_errors where import_id = $1) as erroneous,
            (select count(*)::int from spreadsheets.failed_rows where import_id = $1) as failed,
            (select count(*)::int from spreadsheets.staged_rows where import_id = $1) as staged`,
    [id],
  );
  return found!;
}

const halfWritten = () => readdir(join(platform.storageFolder, '.incoming')).catch(() => []);

/** Processes that read a file of this platform. */
async function readers(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const parent = await readFile(`/proc/${pid}/stat`, 'latin1').then(
      (stat) => stat.split(' ')[3],
      () => '',
    );
    const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    // Orphans: their importer is gone.
    if (/spreadsheets\/(src|dist)\/process\/main/.test(command) && parent === '1') found.push(pid);
  }
  return found;
}

it(`has every row once and every error once after ${kills} kills at random moments`, async () => {
  const seed = Number(process.env.KILL_SEED ?? Date.now() % 100_000);
  let state = seed;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const imports: { id: string; target: string }[] = [];
  const content = sheet(rows);
  let current: string | undefined;
  let hits = 0;
  // The longest that an importer is left alone: about as long as an import takes, which the machine decides.
  let longestMs = 2_500;
  for (let kill = 0; kill < kills; kill += 1) {
    if (current === undefined) {
      const target = `crashed_${imports.length}`;
      current = await begin(target, 'partial', content);
      imports.push({ id: current, target });
    }
    await platform.acme.until(current, ({ state }) => state === 'running' || state === 'succeeded');
    await sleep(random() * longestMs);
    const { state: before } = await platform.acme.job(current);
    if (before === 'running') hits += 1;
    else longestMs *= 0.75;
    await platform.service('importer').kill('SIGKILL');
    await platform.launch('importer');
    if ((await platform.acme.job(current)).state === 'succeeded') current = undefined;
  }
  for (const { id, target } of imports) {
    const job = await platform.acme.finished(id, 120_000);
    const bad = Math.ceil((rows - 7) / badEvery);
    expect([seed, target, job.state, job.result]).toEqual([
      seed,
      target,
      'succeeded',
      expect.objectContaining({ rows, created: rows - bad, updated: 0, unchanged: 0, failed: bad }),
    ]);
    const good = rows - bad;
    const expected = { records: good, rows: good, errors: bad, erroneous: bad, failed: bad, staged: 0 };
    expect(await stored(target, id)).toEqual(expected);
  }
  console.info(`${kills} kills (seed ${seed}), ${hits} of them while an import ran; ${imports.length} imports`);
  expect(hits).toBeGreaterThan(kills / 4);
  await waitFor(async () => (await halfWritten()).length === 0, {
    describe: 'no half-written files',
  });
  await waitFor(async () => (await readers()).length === 0, {
    describe: 'no readers without importer',
  });
}, 600_000);

it('stores all or nothing, killed or cancelled', async () => {
  const good = sheet(rows).replaceAll('none', '1');
  const id = await begin('whole', 'all_or_nothing', good);
  await platform.acme.running(id);
  await platform.service('importer').kill('SIGKILL');
  expect((await stored('whole', id)).records).toBe(0);
  await platform.launch('importer');
  const job = await platform.acme.finished(id, 120_000);
  expect(job.result).toMatchObject({ created: rows, failed: 0 });
  expect(await stored('whole', id)).toMatchObject({ records: rows, rows, staged: 0 });

  // Far more than is stored before it is cancelled.
  const other = await begin('cancelled', 'all_or_nothing', sheet(8 * rows).replaceAll('none', '1'));
  const begun = async () => (await stored('cancelled', other)).staged > 0;
  await waitFor(begun, { intervalMs: 5, describe: 'the first rows' });
  await sheets.send(`/v1/jobs/${other}/cancel`, 'POST');
  const ended = await platform.acme.finished(other);
  if (ended.state !== 'cancelled') throw new Error(`The import was ${ended.state} before it could be cancelled`);
  await waitFor(async () => (await stored('cancelled', other)).staged === 0, { describe: 'nothing staged' });
  expect(await stored('cancelled', other)).toMatchObject({ records: 0, staged: 0 });
  expect(await sheets.send(`/v1/spreadsheets/imports/${other}`)).toMatchObject({ status: 'cancelled' });
}, 240_000);

it('removes uploads, imports, exports and their files when they have expired, and no records', async () => {
  const { job_id: id } = await sheets.send('/v1/spreadsheets/exports', 'POST', { target: 'whole', format: 'csv' });
  await platform.acme.finished(id);
  const files = async () =>
    (await readdir(join(platform.storageFolder, 'spreadsheets'), { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile(),
    ).length;
  expect(await files()).toBeGreaterThan(3);
  for (const table of ['uploads', 'imports', 'exports'])
    await platform.ledger.query(`update spreadsheets.${table} set expires_at = now()`);
  expect((await platform.acme.send(`/v1/spreadsheets/exports/${id}`)).status).toBe(404);
  await platform.service('importer').stop();
  await platform.launch('importer');
  await waitFor(async () => (await files()) === 0, { describe: 'the files to be gone' });
  const [left] = await platform.ledger.query(
    `select (select count(*)::int from spreadsheets.uploads) as uploads, (select count(*)::int from spreadsheets.imports) as imports,
            (select count(*)::int from spreadsheets.exports) as exports, (select count(*)::int from spreadsheets.row_errors) as errors`,
  );
  expect(left).toEqual({ uploads: 0, imports: 0, exports: 0, errors: 0 });
  expect((await stored('whole', id)).records).toBe(rows);
});
