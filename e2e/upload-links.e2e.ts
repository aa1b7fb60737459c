import { waitFor } from '@roundhouse/testing';
import { hills } from '../apps/mesh/e2e/drawn-images.js';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
let anybody: Client;
beforeAll(async () => {
  platform = await startPlatform({ workers: 0, importers: 1, meshWorkers: 1 });
  ({ acme } = platform);
  anybody = platform.anybody();
});
afterAll(() => platform?.stop());

const form = (fields: Record<string, string | [Buffer | string, string]>): FormData => {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') made.set(name, value);
    else made.set(name, new Blob([new Uint8Array(Buffer.from(value[0]))]), value[1]);
  }
  return made;
};

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
async function send(path: string, body: FormData | object, client = acme): Promise<any> {
  const isForm = body instanceof FormData;
  const answer = await fetch(`${platform.service('gateway').url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}`, ...(!isForm && { 'content-type': 'application/json' }) },
    body: isForm ? body : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const columns = { symbol: 's', quantity: 'q', price: 'p', timestamp: 't', external_id: 'id' };
const trades = () => {
  const lines = ['id,s,q,p,t', '1,ABC,5,10,2026-01-01T00:00:00Z', '2,ABC,-5,eleven,2026-01-02T00:00:00Z'];
  const fields = { user_id: 'ada', format: 'generic_csv', mapping: JSON.stringify(columns) };
  return form({ ...fields, file: [lines.join('\n'), 'fills.csv'] });
};

async function sheetImport() {
  const template = {
    name: 'Things',
    target: 'things',
    key: ['sku'],
    columns: [{ name: 'sku', type: 'string', required: true }],
  };
  const { id: templateId } = await send('/v1/spreadsheets/templates', template);
  const { id } = await send('/v1/spreadsheets/uploads', form({ file: ['sku\na\nb\n', 'things.csv'] }));
  return send('/v1/spreadsheets/imports', { upload_id: id, template_id: templateId });
}

const image = async () => form({ file: [await hills(64, 64), 'hills.png'], options: '{"mode":"relief"}' });

async function meshBatch() {
  const { id } = await send('/v1/mesh-batches', { name: 'hills', options: { mode: 'relief' } });
  await send(`/v1/mesh-batches/${id}/images`, form({ file: [await hills(64, 64), 'hills.png'] }));
  return send(`/v1/mesh-batches/${id}/start`, {});
}

interface Expected {
  /** What the page says in the end. */
  message: RegExp;
  /** What it offers then. */
  downloads: RegExp[];
}

const uploads: [string, () => Promise<{ status_url: string; status_expires_at: string }>, Expected][] = [
  [
    'trades',
    () => send('/v1/trades/imports', trades()),
    { message: /^2 read, 1 of them new, 1 with errors$/, downloads: [] },
  ],
  ['a spreadsheet', sheetImport, { message: /^2 created/, downloads: [] }],
  [
    'an export',
    () => send('/v1/spreadsheets/exports', { target: 'things', format: 'csv' }),
    { message: /^2 rows in things\.csv$/, downloads: [/^"?sku"?\s+"?a"?\s+"?b"?/] },
  ],
  [
    'an image',
    async () => send('/v1/meshes', await image()),
    { message: /^\d+ triangles$/, downloads: [/^glTF/, /./, /./] },
  ],
  ['a batch of images', meshBatch, { message: /^1 of 1 made, 0 failed$/, downloads: [/^PK/] }],
];

it.each(uploads)('%s: the answer has a link to a page that follows it to its end', async (_, upload, expected) => {
  const { status_url: url, status_expires_at: expires } = await upload();
  const hours = (Date.parse(expires) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23);
  expect(hours).toBeLessThan(25);
  const { pathname } = new URL(url);
  const state = await waitFor(
    async () => {
      const { body } = await anybody.send(`${pathname}/state`);
      return ['succeeded', 'failed'].includes(body.state) ? body : undefined;
    },
    { describe: 'the end' },
  );
  expect(state).toMatchObject({
    state: 'succeeded',
    may_cancel: true,
    message: expect.stringMatching(expected.message),
  });
  expect(state.title).not.toBe('Job');
  const names = state.downloads.map(({ name }: { name: string }) => name);
  expect(names).toHaveLength(expected.downloads.length);
  for (const [i, name] of names.entries()) {
    const { status, text } = await anybody.send(`${pathname}/files/${name}`);
    expect([name, status]).toEqual([name, 200]);
    expect(text).toMatch(expected.downloads[i]!);
  }
});

it('the link of a key that may not cancel does not cancel', async () => {
  const writer = await platform.clientWith('jobs:write');
  const { status_url: url } = await send('/v1/meshes', await image(), writer);
  const { pathname } = new URL(url);
  expect((await anybody.send(`${pathname}/state`)).body).toMatchObject({ may_cancel: false, cancellable: false });
  expect(await anybody.send(`${pathname}/cancel`, { method: 'POST' })).toMatchObject({ status: 403 });
});
