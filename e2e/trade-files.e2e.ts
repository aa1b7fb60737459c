import { waitFor } from '@roundhouse/testing';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ workers: 0, importers: 1 });
});
afterAll(() => platform?.stop());

const columns = { symbol: 's', quantity: 'q', price: 'p', timestamp: 't', external_id: 'id' };

/** @returns the job's id */
async function importTrades(): Promise<string> {
  const form = new FormData();
  form.set('user_id', 'ada');
  form.set('format', 'generic_csv');
  form.set('mapping', JSON.stringify(columns));
  form.set('file', new Blob(['id,s,q,p,t\n1,ABC,5,10,2026-01-01T00:00:00Z\n']), 'fills.csv');
  const answer = await fetch(`${platform.service('gateway').url}/v1/trades/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.acme.key}` },
    body: form,
  });
  return ((await answer.json()) as { job_id: string }).job_id;
}

const files = async () => {
  const entries = await readdir(join(platform.storageFolder, 'uploads'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
};

it('are removed when they are old; who runs their import again is asked for them, and it works once they are there', async () => {
  const id = await importTrades();
  expect(await platform.acme.finished(id)).toMatchObject({ state: 'succeeded' });
  expect(await files()).toBe(1);
  await platform.ledger.query(`update trading.uploads set created_at = now() - interval '91 days'`);
  await platform.service('importer').kill('SIGKILL');
  await platform.launch('importer');
  await waitFor(async () => (await files()) === 0, { describe: 'the file to be removed' });

  const { body } = await platform.acme.send(`/v1/jobs/${id}/rerun`, { method: 'POST', body: {} });
  expect(await platform.acme.finished(body.id)).toMatchObject({
    state: 'dead',
    error: { code: 'NOT_FOUND', message: expect.stringContaining('upload the file first') },
  });
  const again = await importTrades();
  expect(await platform.acme.finished(again)).toMatchObject({ state: 'succeeded', result: { fetched: 1, stored: 0 } });
  expect(await files()).toBe(1);
});
