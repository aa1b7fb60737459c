import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { waitFor } from '@roundhouse/testing';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { startPlatform, type Platform } from './platform/platform.js';

const bucket = 'sheets';
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

let folder: string;
let server: S3rver;
let client: S3Client;
let platform: Platform;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3-'));
  server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder });
  const { port } = (await server.run()) as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  platform = await startPlatform({
    workers: 0,
    importers: 1,
    env: {
      ROUNDHOUSE_STORAGE_URL: `s3://${bucket}/of/tests?endpoint=${endpoint}`,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
});
afterAll(async () => {
  await platform?.stop();
  await server?.close();
  if (folder) await rm(folder, { recursive: true });
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

const objects = async () =>
  (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents?.map(({ Key }) => Key!) ?? [];

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

  const keys = await objects();
  expect(keys).toHaveLength(3);
  expect(keys.every((key) => key.startsWith('of/tests/spreadsheets/'))).toBe(true);
  expect(await readdir(platform.storageFolder, { recursive: true })).toEqual([]);

  await platform.ledger.query(`update spreadsheets.exports set expires_at = now()`);
  await platform.ledger.query(`update spreadsheets.uploads set expires_at = now()`);
  await platform.service('importer').stop();
  await platform.launch('importer');
  await waitFor(async () => (await objects()).length === 1, {
    describe: 'expired files to be gone',
  });
});
