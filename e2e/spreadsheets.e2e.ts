import { read as readSheet, utils, write as writeSheet } from '@e965/xlsx';
import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { EventSource } from './platform/event-source.js';
import { startPlatform, type Platform } from './platform/platform.js';
import { SpreadsheetsClient } from './spreadsheets/spreadsheets-client.js';

let platform: Platform;
let acme: Client;
let sheets: SpreadsheetsClient;

beforeAll(async () => {
  platform = await startPlatform({ workers: 0, importers: 1 });
  ({ acme } = platform);
  sheets = new SpreadsheetsClient(() => platform.service('gateway').url, acme);
});
afterAll(async () => platform?.stop());

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

const post = (path: string, body: object) => sheets.send(path, 'POST', body);
const read = (path: string) => sheets.send(path);

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
  const uploaded = await sheets.upload(file, 'products.csv');
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

async function imported(content: string | Buffer, name: string, body: object) {
  const upload_id = await sheets.uploaded(content, name);
  const { job_id: id } = await post('/v1/spreadsheets/imports', { upload_id, ...body });
  const job = await acme.finished(id);
  return { id, job, run: await read(`/v1/spreadsheets/imports/${id}`) };
}

it('gives back the rows that failed, and takes them when they are corrected', async () => {
  const { id: templateId } = await post('/v1/spreadsheets/templates', template('corrected'));
  const file = 'SKU,Name,Quantity,Price\nx1,One,1,1.5\nx2,Two,minus two,2.5\nx3,,3,3.5\n';
  const first = await imported(file, 'stock.csv', { template_id: templateId });
  expect(first.run).toMatchObject({ status: 'completed', message: '1 created, 2 failed' });
  const { bytes, name } = await sheets.download(first.run.failed_rows);
  expect(name).toBe('failed-stock.xlsx');
  const book = readSheet(bytes);
  const sheet = book.Sheets['Failed rows']!;
  const rows = utils.sheet_to_json<string[]>(sheet, { header: 1 });
  expect(rows[0]).toEqual(['SKU', 'Name', 'Quantity', 'Price', 'Import errors', 'Import row']);
  expect(rows[1]).toEqual(['x2', 'Two', 'minus two', '2.5', expect.stringContaining('quantity is no number'), 3]);
  expect(rows[2]?.slice(4)).toEqual(['name is required', 4]);
  sheet.C2 = { t: 'n', v: 2 };
  sheet.B3 = { t: 's', v: 'Three' };
  const fixed = Buffer.from(writeSheet(book, { type: 'buffer', bookType: 'xlsx' }));
  const again = await imported(fixed, 'fixed.xlsx', { template_id: templateId, corrects: first.id });
  expect(again.run).toMatchObject({ status: 'completed', message: '2 created', corrects: first.id, failed_rows: null });
  const { records } = await read('/v1/spreadsheets/targets/corrected/records');
  expect(records.map((record: { values: object }) => record.values)).toEqual([
    { sku: 'X1', name: 'One', quantity: 1, price: 1.5 },
    { sku: 'X2', name: 'Two', quantity: 2, price: 2.5 },
    { sku: 'X3', name: 'Three', quantity: 3, price: 3.5 },
  ]);
  const forged = first.run.failed_rows.replace(/token=\d+/, 'token=9999999999');
  expect((await sheets.download(forged)).status).toBe(401);
});

it('creates, updates and skips, dry or real, all or nothing', async () => {
  const { id: template_id } = await post('/v1/spreadsheets/templates', template('stock'));
  const file = (quantity: number, rest = '') => `sku,name,quantity\nA,One,1\nB,Two,${quantity}\n${rest}`;
  const dry = await imported(file(2), 'a.csv', { template_id, dry_run: true });
  expect(dry.run).toMatchObject({ created: 2, message: '2 would be created' });
  expect((await acme.send('/v1/spreadsheets/targets/stock/records')).status).toBe(404);
  expect((await imported(file(2), 'a.csv', { template_id })).run.message).toBe('2 created');
  expect((await imported(file(3, 'C,Three,3\n'), 'b.csv', { template_id })).run.message).toBe(
    '1 created, 1 updated, 1 unchanged',
  );
  const bad = file(9, 'D,Four,4\nD,Four again,4\nE,,5\n');
  const all = { template_id, mode: 'all_or_nothing' };
  const refused = await imported(bad, 'c.csv', all);
  expect(refused.job).toMatchObject({ state: 'dead', error: { code: 'INVALID_INPUT' } });
  expect(refused.run).toMatchObject({ status: 'failed', created: 0, updated: 0, failed: 2 });
  expect(refused.run.failed_rows).toContain('failed-rows?token=');
  const { errors } = await read(`/v1/spreadsheets/imports/${refused.id}/errors`);
  expect(errors).toMatchObject([
    { row: 5, column: 'sku', rule: 'key', message: 'Row 4 has the same key already: D' },
    { row: 6, column: 'name', rule: 'required' },
  ]);
  const good = await imported(file(9, 'D,Four,4\n'), 'd.csv', all);
  expect(good.run).toMatchObject({ status: 'completed', message: '1 created, 1 updated, 1 unchanged' });
  const strict = await imported(file(9, 'F,Five,5\n'), 'e.csv', { template_id, on_existing: 'fail' });
  expect(strict.run.message).toBe('1 created, 2 failed');
  const few = await imported(file(1, 'G,,1\nH,,1\nI,,1\n'), 'f.csv', { template_id, max_failed_rows: 2 });
  expect(few.run).toMatchObject({ status: 'failed', message: expect.stringContaining('more than 2 rows failed') });
});

it('keeps records in tables with typed columns, which templates widen and people drop', async () => {
  const { id: template_id } = await post('/v1/spreadsheets/templates', template('shelf'));
  await imported('sku,name,quantity,price\nA,One,1,1.50\n', 'a.csv', { template_id });
  const wider = template('shelf', {
    name: 'Places',
    columns: [template('').columns[0], { name: 'place', type: 'string' }],
  });
  const { id: second } = await post('/v1/spreadsheets/templates', wider);
  const places = await imported('sku,place\nA,left\nB,right\n', 'b.csv', { template_id: second });
  expect(places.run.message).toBe('1 created, 1 updated');
  const { targets } = await read('/v1/spreadsheets/targets');
  expect(targets).toContainEqual(expect.objectContaining({ name: 'shelf', table: 'sheets_acme.shelf', records: 2 }));
  const rows = await platform.ledger.query(
    'select sku, name, quantity, price, place from sheets_acme.shelf order by sku',
  );
  expect(rows).toEqual([
    { sku: 'A', name: 'One', quantity: '1', price: '1.5', place: 'left' },
    { sku: 'B', name: null, quantity: null, price: null, place: 'right' },
  ]);
  const conflicting = { ...wider, name: 'Conflict', columns: [wider.columns[0], { name: 'place', type: 'date' }] };
  const refused = await acme.send('/v1/spreadsheets/templates', { method: 'POST', body: conflicting });
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict', errors: [{ path: 'columns.1.type' }] } });
  const wrong = async (part: object) =>
    (await acme.send('/v1/spreadsheets/queries', { method: 'POST', body: { name: 'q', target: 'shelf', ...part } }))
      .body;
  expect((await wrong({ columns: [{ name: 'colour' }] })).errors[0].path).toBe('columns.0.name');
  expect((await wrong({ filters: [{ column: 'price', is: '<', value: 'x' }] })).errors[0].path).toBe('filters.0.value');
  const drop = () => acme.send('/v1/spreadsheets/targets/shelf', { method: 'DELETE' });
  expect([(await drop()).status, (await drop()).status]).toEqual([204, 404]);
  expect(await platform.ledger.query(`select to_regclass('sheets_acme.shelf') as table`)).toEqual([{ table: null }]);
});

it('checks references against another target', async () => {
  const customers = { ...template('customers'), columns: [{ name: 'sku', type: 'string', required: true }] };
  const { id: first } = await post('/v1/spreadsheets/templates', customers);
  await imported('sku\nC-1\nC-2\n', 'customers.csv', { template_id: first });
  const orders = {
    name: 'orders',
    target: 'orders',
    columns: [
      { name: 'number', type: 'integer', required: true, rule: { unique: true } },
      { name: 'customer', type: 'reference', target: 'customers' },
    ],
  };
  const { id: second } = await post('/v1/spreadsheets/templates', orders);
  const { run, id } = await imported('number,customer\n1,C-1\n2,C-9\n3,\n', 'orders.csv', { template_id: second });
  expect(run.message).toBe('2 created, 1 failed');
  const { errors } = await read(`/v1/spreadsheets/imports/${id}/errors`);
  expect(errors).toMatchObject([{ row: 3, column: 'customer', value: 'C-9', rule: 'reference' }]);
});

describe('exports', () => {
  const exported = async (body: object) => {
    const { job_id: id } = await post('/v1/spreadsheets/exports', body);
    const job = await acme.finished(id);
    expect(job).toMatchObject({ state: 'succeeded' });
    const run = await read(`/v1/spreadsheets/exports/${id}`);
    return { job, run, ...(await sheets.download(run.download)) };
  };

  beforeAll(async () => {
    const { id } = await post('/v1/spreadsheets/templates', template('exported'));
    const file = 'SKU,Name,Quantity,Price,Added\nA,=1+1,1,-1.50,2026-01-31\nB,"two, three",2,12345678901234567.25,\n';
    await imported(file, 'exported.csv', { template_id: id });
  });

  it('writes typed cells under a styled header', async () => {
    const { bytes, name, run } = await exported({ target: 'exported', format: 'xlsx' });
    expect([name, run.rows, run.bytes]).toEqual(['exported.xlsx', 2, bytes.length]);
    const book = readSheet(bytes, { cellStyles: true, cellDates: true, UTC: true });
    const sheet = book.Sheets.exported!;
    expect(utils.sheet_to_json(sheet, { header: 1, raw: true, UTC: true })).toEqual([
      ['SKU', 'name', 'quantity', 'price', 'added'],
      ['A', '=1+1', 1, -1.5, new Date('2026-01-31T00:00:00Z')],
      ['B', 'two, three', 2, '12345678901234567.25'],
    ]);
    expect(sheet.A1.s.fgColor.rgb).toBe('1F4E78');
  });

  it('writes CSV that no program takes for formulas, and NDJSON', async () => {
    const csv = await exported({ target: 'exported', format: 'csv', name: 'our stock' });
    expect(csv.name).toBe('our stock.csv');
    expect(csv.bytes.toString()).toBe(
      `\ufeffSKU,name,quantity,price,added\r\nA,'=1+1,1,-1.5,2026-01-31\r\nB,"two, three",2,12345678901234567.25,\r\n`,
    );
    const query = {
      name: 'cheap',
      target: 'exported',
      columns: [{ name: 'sku' }, { name: 'price', type: 'decimal' }],
      filters: [{ column: 'price', is: '<', value: 10 }],
    };
    const { id: query_id } = await post('/v1/spreadsheets/queries', query);
    const lines = await exported({ query_id, format: 'ndjson' });
    expect([lines.name, lines.bytes.toString()]).toEqual(['cheap.ndjson', '{"sku":"A","price":-1.5}\n']);
  });

  it('tells when the file is ready', async () => {
    const events = await acme.follow('/v1/events?type=spreadsheets.exported');
    const { run } = await exported({ target: 'exported', format: 'csv' });
    const told = () => events.events.some(({ data }) => JSON.stringify(data).includes(run.id));
    await waitFor(told, { describe: 'the event of the export' });
    await events.close();
  });
});

it('shows on its status page how far it is, within 2 s, and again when the page is loaded anew', async () => {
  const { id: template_id } = await post('/v1/spreadsheets/templates', template('watched'));
  const lines = Array.from({ length: 60_000 }, (_, i) => `W-${i},Thing number ${i},${i},1.5`);
  const { body: file } = await sheets.upload(['sku,name,quantity,price', ...lines].join('\n'), 'watched.csv');
  const { job_id: id, status_url: url } = await post('/v1/spreadsheets/imports', { upload_id: file.id, template_id });
  const { pathname } = new URL(url);
  const stream = await EventSource.open(`${platform.service('gateway').url}${pathname}/events`, {});
  const rowsOf = ({ message }: { message: string }) => Number(/row (\d+) of 60000/.exec(message)?.[1] ?? 0);
  const reloaded = await waitFor(
    async () => {
      const { body } = await platform.anybody().send(`${pathname}/state`);
      return rowsOf(body) > 0 || body.state === 'succeeded' ? body : undefined;
    },
    { describe: 'rows on the page' },
  );
  const page = await platform.anybody().send(pathname);
  expect(page.text).toMatch(/row \d+ of 60000|60000 created/);
  await acme.finished(id, 120_000);
  await stream.over;
  const views = stream.events.filter(({ event }) => event === 'status').map(({ data }) => data);
  const told = views.filter((view, i) => view.message !== views[i - 1]?.message && rowsOf(view) > 0);
  expect(told.map(rowsOf)).toEqual(told.map(rowsOf).toSorted((a, b) => a - b));
  expect(told.length).toBeGreaterThan(1);
  expect(rowsOf(reloaded)).toBeLessThanOrEqual(60_000);
  expect(views.at(-1)).toMatchObject({ state: 'succeeded', message: '60000 created', percent: 100 });
  const late = told.map(({ now, updated_at: at }) => Date.parse(now) - Date.parse(at)).toSorted((a, b) => a - b);
  console.info(`the status page was ${late.join(', ')} ms behind the ledger`);
  // Of a busy machine the median tells.
  expect(late[Math.floor(late.length / 2)]).toBeLessThan(2_000);
});

it('refuses at the upload what is no spreadsheet', async () => {
  const page = await sheets.upload('<html><body><table><tr><td>1</td></tr></table></body></html>', 'report.xls');
  expect(page).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path: 'file' }] } });
  expect(page.body.detail).toMatch(/web page/);
  expect((await sheets.upload('', 'empty.xlsx')).body.detail).toMatch(/empty/);
  expect((await sheets.upload(Buffer.from('PK\u0003\u0004 and then nothing'), 'cut.xlsx')).body.detail).toMatch(
    /damaged/,
  );
});

it("finds nobody else's uploads, templates and imports", async () => {
  const { body } = await sheets.upload('sku,name\n1,one\n', 'a.csv');
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
