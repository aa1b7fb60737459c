import { startTestS3, waitFor, type TestS3 } from '@roundhouse/testing';
import { readdir } from 'node:fs/promises';
import { startPlatform, type Platform } from './platform/platform.js';
import { SpreadsheetsClient } from './spreadsheets/spreadsheets-client.js';

let s3: TestS3;
let platform: Platform;
let sheets: SpreadsheetsClient;

beforeAll(async () => {
  s3 = await startTestS3();
  platform = await startPlatform({
    workers: 0,
    importers: 1,
    env: { ROUNDHOUSE_STORAGE_URL: s3.url('of/tests'), ...s3.env },
  });
  sheets = new SpreadsheetsClient(() => platform.service('gateway').url, platform.acme);
});
afterAll(async () => {
  await platform?.stop();
  await s3?.stop();
});

it('keeps uploads, failed rows and exports in an S3-compatible store', async () => {
  const columns = [
    { name: 'sku', type: 'string', required: true },
    { name: 'quantity', type: 'integer' },
  ];
  const { id: template_id } = await sheets.send('/v1/spreadsheets/templates', 'POST', {
    name: 'Stock',
    target: 'stock',
    key: ['sku'],
    columns,
  });
  const upload_id = await sheets.uploaded('sku,quantity\nA,1\nB,none\n', 'stock.csv');
  const preview = await sheets.send(`/v1/spreadsheets/uploads/${upload_id}/preview`, 'POST', { template_id });
  expect(preview.rows).toHaveLength(2);
  const { job_id: imported } = await sheets.send('/v1/spreadsheets/imports', 'POST', { upload_id, template_id });
  expect((await platform.acme.finished(imported)).result).toMatchObject({ created: 1, failed: 1 });
  const { failed_rows: link } = await sheets.send(`/v1/spreadsheets/imports/${imported}`);
  expect((await sheets.download(link)).bytes.subarray(0, 2).toString()).toBe('PK');

  const { job_id: exported } = await sheets.send('/v1/spreadsheets/exports', 'POST', {
    target: 'stock',
    format: 'csv',
  });
  await platform.acme.finished(exported);
  const { download: file } = await sheets.send(`/v1/spreadsheets/exports/${exported}`);
  expect((await sheets.download(file)).bytes.toString()).toBe('\ufeffsku,quantity\r\nA,1\r\n');

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
