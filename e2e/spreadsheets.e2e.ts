import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;

beforeAll(async () => {
  platform = await startPlatform({ workers: 0, importers: 1 });
  ({ acme } = platform);
}, 120_000);
afterAll(async () => platform?.stop(), 60_000);

const template = (target: string, change: object = {}) => ({
  name: `Template of ${target}`,
  target,
  key: ['sku'],
  columns: [
    {
      name: 'sku',
      header: 'SKU',
      type: 'string',
      required: true,
      transform: ['trim', 'upper'],
      aliases: ['article no'],
    },
    { name: 'name', type: 'string', required: true },
    { name: 'quantity', type: 'integer', rule: { min: 0 }, aliases: ['qty'] },
    { name: 'price', type: 'decimal' },
    { name: 'added', type: 'date', formats: ['DD.MM.YYYY'] },
  ],
  ...change,
});

async function upload(content: string | Buffer, name: string, client = acme) {
  const form = new FormData();
  form.set('file', new Blob([content]), name);
  const answer = await fetch(`${platform.service('gateway').url}/v1/spreadsheets/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}` },
    body: form,
  });
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
  return { status: answer.status, body: (await answer.json()) as any };
}

async function post(path: string, body: object, client = acme) {
  const answer = await client.send(path, { method: 'POST', body });
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.body;
}

const read = async (path: string) => (await acme.send(path)).body;

it('imports a sheet by a template, says why rows failed, and takes the corrected ones', async () => {
  const created = await post('/v1/spreadsheets/templates', template('products'));
  const lines = Array.from({ length: 500 }, (_, i) => `a-${i};Thing ${i};${i === 99 ? 'many' : i};${i},50;31.01.2026`);
  const file = ['Article No;Name;Qty;Price;Added', ...lines].join('\n');
  const columns = template('products').columns.map((c) => (c.name === 'price' ? { ...c, decimal: ',' } : c));
  const changed = await acme.send(`/v1/spreadsheets/templates/${created.id}`, {
    method: 'PUT',
    body: template('products', { columns }),
  });
  expect(changed.body).toMatchObject({ version: 2 });
  const uploaded = await upload(file, 'products.csv');
  expect(uploaded).toMatchObject({ status: 201, body: { type: 'csv', delimiter: ';', encoding: 'utf-8' } });
  const { id: uploadId } = uploaded.body;

  const preview = await post(`/v1/spreadsheets/uploads/${uploadId}/preview`, { template_id: created.id });
  expect(preview).toMatchObject({ header_row: 1, missing: [] });
  expect(preview.mapping.map((match: { column: string }) => match.column).sort()).toEqual([
    'added',
    'name',
    'price',
    'quantity',
    'sku',
  ]);
  expect(preview.rows[0].values).toEqual({ sku: 'A-0', name: 'Thing 0', quantity: 0, price: 0.5, added: '2026-01-31' });

  const started = await post('/v1/spreadsheets/imports', { upload_id: uploadId, template_id: created.id });
  expect(started.status_url).toContain('/status/');
  const job = await acme.finished(started.job_id);
  expect(job.result).toMatchObject({ rows: 500, created: 499, failed: 1, summary: '499 created, 1 failed' });
  const run = await read(`/v1/spreadsheets/imports/${started.job_id}`);
  expect(run).toMatchObject({
    status: 'completed',
    percent: 100,
    template_version: 2,
    message: '499 created, 1 failed',
  });
  const { errors } = await read(`/v1/spreadsheets/imports/${started.job_id}/errors`);
  expect(errors).toEqual([
    { sheet: 'CSV', row: 101, column: 'quantity', value: 'many', rule: 'type', message: expect.any(String) },
  ]);
});

it('refuses at the upload what is no spreadsheet', async () => {
  const page = await upload('<html><body><table><tr><td>1</td></tr></table></body></html>', 'report.xls');
  expect(page).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path: 'file' }] } });
  expect(page.body.detail).toMatch(/web page/);
  expect((await upload('', 'empty.xlsx')).body.detail).toMatch(/empty/);
  expect((await upload(Buffer.from('PK\u0003\u0004 and then nothing'), 'cut.xlsx')).body.detail).toMatch(/damaged/);
});

it("finds nobody else's uploads, templates and imports", async () => {
  const { body } = await upload('sku,name\n1,one\n', 'a.csv');
  const made = await post('/v1/spreadsheets/templates', template('secrets'));
  const { globex } = platform;
  expect((await globex.send(`/v1/spreadsheets/uploads/${body.id}`)).status).toBe(404);
  expect((await globex.send(`/v1/spreadsheets/templates/${made.id}`)).status).toBe(404);
  const stolen = { method: 'POST', body: { upload_id: body.id, template_id: made.id } };
  expect((await globex.send('/v1/spreadsheets/imports', stolen)).status).toBe(404);
  const id = await globex.submit('spreadsheets.import', { upload_id: body.id, template_id: made.id });
  expect(await globex.finished(id)).toMatchObject({ state: 'dead', error: { code: 'NOT_FOUND', field: 'upload_id' } });
  await waitFor(async () => (await globex.send(`/v1/spreadsheets/imports/${id}`)).status === 404, {
    describe: 'no import',
  });
});
