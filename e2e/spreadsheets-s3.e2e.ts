import { startTestS3, waitFor, type TestS3 } from '@roundhouse/testing';
import { readdir } from 'node:fs/promises';
import { startPlatform, type Platform } from './platform/platform.js';

let s3: TestS3;
let platform: Platform;

beforeAll(async () => {
  s3 = await startTestS3();
  platform = await startPlatform({
    workers: 0,
    importers: 1,
    env: { ROUNDHOUSE_STORAGE_URL: s3.url('of/tests'), ...s3.env },
  });
});
afterAll(async () => {
  await platform?.stop();
  await s3?.stop();
});

const send = async (path: string, method = 'GET', body?: object) => {
  const answer = await platform.acme.send(path, { method, body });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
};
const gateway = () => platform.service('gateway').url;
const download = async (path: string) => (await fetch(`${gateway()}${path}`)).arrayBuffer();

async function upload(content: string): Promise<string> {
  const form = new FormData();
  form.set('file', new Blob([content]), 'stock.csv');
  const headers = { authorization: `Bearer ${platform.acme.key}` };
  const answer = await fetch(`${gateway()}/v1/spreadsheets/uploads`, { method: 'POST', headers, body: form });
  if (answer.status !== 201) throw new Error(await answer.text());
  return ((await answer.json()) as { id: string }).id;
}

it('keeps uploads, failed rows and exports in an S3-compatible store', async () => {
  const columns = [
    { name: 'sku', type: 'string', required: true },
    { name: 'quantity', type: 'integer' },
  ];
  const { id: template_id } = await send('/v1/spreadsheets/templates', 'POST', {
    name: 'Stock',
    target: 'stock',
    key: ['sku'],
    columns,
  });
  const upload_id = await upload('sku,quantity\nA,1\nB,none\n');
  const preview = await send(`/v1/spreadsheets/uploads/${upload_id}/preview`, 'POST', { template_id });
  expect(preview.rows).toHaveLength(2);
  const { job_id: imported } = await send('/v1/spreadsheets/imports', 'POST', { upload_id, template_id });
  expect((await platform.acme.finished(imported)).result).toMatchObject({ created: 1, failed: 1 });
  const { failed_rows: link } = await send(`/v1/spreadsheets/imports/${imported}`);
  expect(
    Buffer.from(await download(link))
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');

  const { job_id: exported } = await send('/v1/spreadsheets/exports', 'POST', { target: 'stock', format: 'csv' });
  await platform.acme.finished(exported);
  const { download: file } = await send(`/v1/spreadsheets/exports/${exported}`);
  expect(Buffer.from(await download(file)).toString()).toBe('\ufeffsku,quantity\r\nA,1\r\n');

  const keys = await s3.keys();
  expect(keys).toHaveLength(3);
  expect(keys.every((key) => key.startsWith('of/tests/spreadsheets/'))).toBe(true);
  expect(await readdir(platform.storageFolder, { recursive: true })).toEqual([]);

  await platform.ledger.query(`update spreadsheets.exports set expires_at = now()`);
  await platform.ledger.query(`update spreadsheets.uploads set expires_at = now()`);
  await platform.service('importer').stop();
  await platform.launch('importer');
  await waitFor(async () => (await s3.keys()).length === 1, {
    describe: 'expired files to be gone',
  });
});
