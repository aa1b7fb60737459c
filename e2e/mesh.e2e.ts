import {
  createTestBroker,
  createTestDatabase,
  ServiceProcess,
  waitFor,
  type TestBroker,
  type TestDatabase,
} from '@roundhouse/testing';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gear, hills } from '../apps/mesh/e2e/drawn-images.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

let database: TestDatabase;
let broker: TestBroker;
let folder: string;
let env: Record<string, string>;
let key: string;
let otherKey: string;
const services: Record<string, ServiceProcess> = {};

async function command(app: string, name: string, args: string[] = []): Promise<string> {
  const { stdout } = await run(process.execPath, [`apps/${app}/dist/${name}.js`, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  return stdout;
}

async function newKey(tenant: string): Promise<string> {
  const args = [
    'create',
    '--tenant',
    tenant,
    '--name',
    'test',
    '--scopes',
    'jobs:write,jobs:read,jobs:cancel',
    '--json',
  ];
  const created = await command('gateway', 'api-key', args);
  return (JSON.parse(created.trim().split('\n').at(-1)!) as { key: string }).key;
}

const startWorker = () => ServiceProcess.start({ app: 'mesh', env });

beforeAll(async () => {
  [database, broker] = await Promise.all([createTestDatabase(), createTestBroker()]);
  folder = await mkdtemp(join(tmpdir(), 'mesh-'));
  env = {
    ROUNDHOUSE_OWNER_DATABASE_URL: database.url,
    ROUNDHOUSE_DATABASE_URL: database.url,
    ROUNDHOUSE_AMQP_URL: broker.url,
    ROUNDHOUSE_STORAGE_DIR: join(folder, 'storage'),
    ROUNDHOUSE_MESH_WORK_DIR: join(folder, 'work'),
    ROUNDHOUSE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  };
  await command('gateway', 'migrate');
  await command('mesh', 'migrate');
  await command('gateway', 'topology', ['apply']);
  [key, otherKey] = [await newKey('acme'), await newKey('globex')];
  const starts = ['gateway', 'scheduler', 'mesh'].map(
    async (app) => (services[app] = await ServiceProcess.start({ app, env })),
  );
  await Promise.all(starts);
}, 180_000);

afterAll(async () => {
  await Promise.all(Object.values(services).map((service) => service.stop()));
  await broker?.drop();
  await database?.drop();
  if (folder) await rm(folder, { recursive: true });
}, 60_000);

interface Call {
  body?: FormData | object;
  headers?: Record<string, string>;
  as?: string;
}

async function send(method: string, path: string, { body, headers, as = key }: Call = {}): Promise<Response> {
  const isForm = body instanceof FormData;
  return fetch(`http://127.0.0.1:${services.gateway!.ports.http}${path}`, {
    method,
    headers: {
      ...(as && { authorization: `Bearer ${as}` }),
      ...(body && !isForm && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: isForm ? body : body && JSON.stringify(body),
  });
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
async function call(method: string, path: string, options?: Call): Promise<any> {
  const answer = await send(method, path, options);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

function form(files: [name: string, content: Buffer][], fields: Record<string, string> = {}): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  for (const [name, content] of files) data.append('file', new Blob([new Uint8Array(content)]), name);
  return data;
}

const over = ['succeeded', 'failed', 'cancelled'];
const finished = (id: string, timeoutMs = 60_000) =>
  waitFor(
    async () => {
      const mesh = await call('GET', `/v1/meshes/${id}`);
      return over.includes(mesh.state) && mesh;
    },
    { timeoutMs, describe: `mesh ${id} to be over` },
  );

const batchOver = (id: string, timeoutMs = 120_000) =>
  waitFor(
    async () => {
      const batch = await call('GET', `/v1/mesh-batches/${id}`);
      if (batch.state === 'finished' || batch.state === 'cancelled') return batch;
      throw new Error(JSON.stringify(batch));
    },
    { timeoutMs, describe: `batch ${id} to be over` },
  );

it('makes a mesh of an uploaded picture, with thumbnail, links that expire and parts of files', async () => {
  const options = JSON.stringify({ mode: 'relief', size_mm: 80, relief: { height_mm: 4 } });
  const created = await call('POST', '/v1/meshes', { body: form([['hills.png', await hills(300, 200)]], { options }) });
  const mesh = await finished(created.id);
  expect(mesh).toMatchObject({
    name: 'hills.png',
    state: 'succeeded',
    options: { mode: 'relief', size_mm: 80 },
    result: { watertight: true, genus: 0, engine: 'built-in' },
  });
  const glb = mesh.files.find(({ format }: { format: string }) => format === 'glb');
  const whole = await send('GET', glb.link, { as: '' });
  expect(whole.headers.get('content-disposition')).toBe('attachment; filename="hills.glb"');
  const content = Buffer.from(await whole.arrayBuffer());
  expect([content.length, content.subarray(0, 4).toString()]).toEqual([glb.bytes, 'glTF']);

  const part = await send('GET', `/v1/meshes/${mesh.id}/files/glb`, { headers: { range: 'bytes=4-11' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 4-11/${glb.bytes}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(content.subarray(4, 12));
  const beyond = await send('GET', `/v1/meshes/${mesh.id}/files/glb`, { headers: { range: 'bytes=999999999-' } });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${glb.bytes}`]);
  const same = await send('GET', glb.link, { as: '', headers: { 'if-none-match': whole.headers.get('etag')! } });
  expect(same.status).toBe(304);

  const withThumbnail = await waitFor(
    async () => {
      const now = await call('GET', `/v1/meshes/${mesh.id}`);
      return now.thumbnail && now;
    },
    { describe: 'the thumbnail' },
  );
  const thumbnail = await send('GET', withThumbnail.thumbnail, { as: '' });
  expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/webp']);

  const forged = await send('GET', glb.link.replace('/files/glb', '/files/stl'), { as: '' });
  expect(forged.status).toBe(401);
  expect((await send('GET', `/v1/meshes/${mesh.id}`, { as: otherKey })).status).toBe(404);
  expect((await send('DELETE', `/v1/meshes/${mesh.id}`, { as: otherKey })).status).toBe(404);
  expect((await send('DELETE', `/v1/meshes/${mesh.id}`)).status).toBe(204);
  expect((await send('GET', glb.link, { as: '' })).status).toBe(404);
}, 90_000);

it('says what is wrong with a picture and with options', async () => {
  const bad = await call('POST', '/v1/meshes', { body: form([['notes.txt', Buffer.from('no picture')]]) });
  const failed = await finished(bad.id);
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'INVALID_INPUT', field: 'image' }, files: [] });
  expect(failed.error.message).toContain('cannot be read as a picture');
  const refused = await send('POST', '/v1/meshes', {
    body: { image_url: 'https://example.com/a.png', options: { size_mm: 1e6, silhouette: { bevel_mm: -1 } } },
  });
  expect(refused.status).toBe(400);
  const { errors } = (await refused.json()) as { errors: { path: string }[] };
  expect(errors.map(({ path }) => path).sort()).toEqual(['options.silhouette.bevel_mm', 'options.size_mm']);
  const again = await call('POST', `/v1/meshes/${failed.id}/retry`);
  await waitFor(async () => (await call('GET', `/v1/jobs/${again.job_id}`)).state === 'succeeded', {
    describe: 'the retry',
  });
  expect(await finished(failed.id)).toMatchObject({
    state: 'failed',
    job_id: expect.not.stringMatching(failed.job_id),
  });
}, 90_000);

it('makes a batch of 100 pictures, two of them broken, with a worker killed in the middle: 98 meshes, nothing doubled', async () => {
  const pictures = await Promise.all(
    Array.from({ length: 100 }, async (_, i): Promise<[string, Buffer]> => {
      if (i === 17) return ['picture-17.png', (await gear(220)).subarray(0, 900)];
      if (i === 60)
        return ['picture-60.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')];
      return [`picture-${i}.png`, await gear(120 + i, 6 + (i % 9))];
    }),
  );
  const { id } = await call('POST', '/v1/mesh-batches', {
    body: { name: 'gears', concurrency: 4, options: { formats: ['stl'] } },
  });
  expect(await call('POST', `/v1/mesh-batches/${id}/images`, { body: form(pictures.slice(0, 60)) })).toEqual({
    added: 60,
    total: 60,
  });
  await call('POST', `/v1/mesh-batches/${id}/images`, { body: form(pictures.slice(60)) });
  const started = await call('POST', `/v1/mesh-batches/${id}/start`);
  expect(started).toMatchObject({ state: 'waiting', total: 100, concurrency: 4 });
  expect((await send('POST', `/v1/mesh-batches/${id}/start`)).status).toBe(409);
  expect((await send('POST', `/v1/mesh-batches/${id}/images`, { body: form(pictures.slice(0, 1)) })).status).toBe(409);

  await waitFor(async () => (await call('GET', `/v1/mesh-batches/${id}`)).completed > 10, {
    timeoutMs: 60_000,
    describe: 'ten meshes',
  });
  await services.mesh!.kill('SIGKILL');
  const left = await readdir(join(folder, 'work'));
  expect(left).toEqual([String(services.mesh!.pid)]);
  services.mesh = await startWorker();

  const batch = await batchOver(id);
  expect(batch).toMatchObject({ state: 'finished', total: 100, completed: 98, failed: 2, cancelled: 0, percent: 100 });
  expect(await readdir(join(folder, 'work'))).not.toContain(left[0]);
  const failed = (await call('GET', `/v1/meshes?batch_id=${id}&state=failed`)).meshes;
  expect(failed.map(({ name, error }: { name: string; error: { code: string } }) => [name, error.code]).sort()).toEqual(
    [
      ['picture-17.png', 'INVALID_INPUT'],
      ['picture-60.png', 'INVALID_INPUT'],
    ],
  );
  const made = (await call('GET', `/v1/meshes?batch_id=${id}&state=succeeded&limit=200`)).meshes;
  expect(made).toHaveLength(98);
  expect(made.every(({ result }: { result: { watertight: boolean } }) => result.watertight)).toBe(true);

  // One job a picture, and one for the batch itself; every mesh has the files of one run.
  const counted = async () => {
    const jobs = await call('GET', `/v1/batches/${batch.jobs}`);
    return jobs.state === 'finished' && jobs;
  };
  const jobs = await waitFor(counted, { describe: "the batch's own job to end" });
  expect(jobs).toMatchObject({ total: 101, succeeded: 99, dead: 2 });
  for (const mesh of made.slice(0, 20))
    expect(mesh.files.map(({ format }: { format: string }) => format).sort()).toEqual(['glb', 'stl']);

  const zipFile = join(folder, 'batch.zip');
  const zip = await send('GET', batch.download, { as: '' });
  expect(zip.headers.get('content-type')).toBe('application/zip');
  await writeFile(zipFile, Buffer.from(await zip.arrayBuffer()));
  const names = await zipNames(zipFile);
  expect(names).toHaveLength(2 * 98 + 1);
  expect(names).toEqual(expect.arrayContaining(['001-picture-0.stl', '100-picture-99.glb', 'errors.csv']));

  const retried = await call('POST', `/v1/mesh-batches/${id}/retry`);
  expect(retried).toMatchObject({ retried: 2, batch: { round: 2, completed: 98 } });
  expect(await batchOver(id)).toMatchObject({ state: 'finished', round: 2, completed: 98, failed: 2 });
}, 240_000);

/** Of the central directory (APPNOTE 4.3.12), read backwards from its end record. */
async function zipNames(file: string): Promise<string[]> {
  const { readFile } = await import('node:fs/promises');
  const content = await readFile(file);
  const end = content.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  let at = content.readUInt32LE(end + 16);
  return Array.from({ length: content.readUInt16LE(end + 10) }, () => {
    const [name, extra, comment] = [28, 30, 32].map((offset) => content.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const text = content.subarray(at + 46, at + 46 + name).toString();
    at += 46 + name + extra + comment;
    return text;
  });
}

it('cancels a batch as a whole, and takes two batches at a time', async () => {
  const picture = await gear(400);
  const { images } = await call('POST', '/v1/images', { body: form([['gear.png', picture]]) });
  const many = Array.from({ length: 300 }, () => ({ storage_key: images[0].storage_key }));
  const create = (name: string) =>
    call('POST', '/v1/mesh-batches', { body: { name, concurrency: 1, images: many, start: true } });
  const batches = [await create('one'), await create('two'), await create('three')];
  const stateOf = async ({ id }: { id: string }) => (await call('GET', `/v1/mesh-batches/${id}`)).state;
  await waitFor(async () => (await stateOf(batches[0])) === 'running' && (await stateOf(batches[1])) === 'running', {
    timeoutMs: 30_000,
    describe: 'two batches to run',
  });
  expect(await stateOf(batches[2])).toBe('waiting');
  const cancelled = await call('POST', `/v1/mesh-batches/${batches[0].id}/cancel`);
  expect(cancelled.state).toBe('cancelled');
  await waitFor(async () => (await stateOf(batches[2])) === 'running', { timeoutMs: 30_000, describe: 'the third' });
  for (const batch of batches.slice(1)) await call('POST', `/v1/mesh-batches/${batch.id}/cancel`);
  await waitFor(
    async () => {
      const { running, pending } = await call('GET', `/v1/batches/${cancelled.jobs}`);
      return running === 0 && pending === 0;
    },
    { timeoutMs: 60_000, describe: 'its jobs to be cancelled' },
  );
  const again = await call('GET', `/v1/mesh-batches/${batches[0].id}`);
  expect(again.completed + again.cancelled).toBe(300);
}, 180_000);
