import { waitFor } from '@roundhouse/testing';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gear, hills } from '../apps/mesh/e2e/drawn-images.js';
import { form, MeshClient, type Picture } from './mesh/mesh-client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let folder: string;
let acme: MeshClient;
let globex: MeshClient;
let anybody: MeshClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-'));
  const mesh = { ROUNDHOUSE_MESH_WORK_DIR: join(folder, 'work') };
  platform = await startPlatform({ workers: 0, meshWorkers: 1, envOf: { mesh } });
  const client = (key?: string) => new MeshClient(() => platform.service('gateway').url, key);
  [acme, globex, anybody] = [client(platform.acme.key), client(platform.globex.key), client()];
});

afterAll(async () => {
  await platform?.stop();
  if (folder) await rm(folder, { recursive: true });
});

it('makes a mesh of an uploaded picture, with thumbnail, links that expire and parts of files', async () => {
  const options = JSON.stringify({ mode: 'relief', size_mm: 80, relief: { height_mm: 4 } });
  const created = await acme.call('POST', '/v1/meshes', {
    body: form([['hills.png', await hills(300, 200)]], { options }),
  });
  const mesh = await acme.finished(created.id);
  expect(mesh).toMatchObject({
    name: 'hills.png',
    state: 'succeeded',
    options: { mode: 'relief', size_mm: 80 },
    result: { watertight: true, genus: 0, engine: 'built-in' },
  });
  const glb = mesh.files.find(({ format }: { format: string }) => format === 'glb');
  const whole = await anybody.send('GET', glb.link);
  expect(whole.headers.get('content-disposition')).toBe('attachment; filename="hills.glb"');
  const content = Buffer.from(await whole.arrayBuffer());
  expect([content.length, content.subarray(0, 4).toString()]).toEqual([glb.bytes, 'glTF']);

  const part = await acme.send('GET', `/v1/meshes/${mesh.id}/files/glb`, { headers: { range: 'bytes=4-11' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 4-11/${glb.bytes}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(content.subarray(4, 12));
  const beyond = await acme.send('GET', `/v1/meshes/${mesh.id}/files/glb`, { headers: { range: 'bytes=999999999-' } });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${glb.bytes}`]);
  const same = await anybody.send('GET', glb.link, { headers: { 'if-none-match': whole.headers.get('etag')! } });
  expect(same.status).toBe(304);

  const withThumbnail = await waitFor(
    async () => {
      const now = await acme.call('GET', `/v1/meshes/${mesh.id}`);
      return now.thumbnail && now;
    },
    { describe: 'the thumbnail' },
  );
  const thumbnail = await anybody.send('GET', withThumbnail.thumbnail);
  expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/webp']);

  const forged = await anybody.send('GET', glb.link.replace('/files/glb', '/files/stl'));
  expect(forged.status).toBe(401);
  expect((await globex.send('GET', `/v1/meshes/${mesh.id}`)).status).toBe(404);
  expect((await globex.send('DELETE', `/v1/meshes/${mesh.id}`)).status).toBe(404);
  expect((await acme.send('DELETE', `/v1/meshes/${mesh.id}`)).status).toBe(204);
  expect((await anybody.send('GET', glb.link)).status).toBe(404);
});

it('says what is wrong with a picture and with options', async () => {
  const bad = await acme.call('POST', '/v1/meshes', { body: form([['notes.txt', Buffer.from('no picture')]]) });
  const failed = await acme.finished(bad.id);
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'INVALID_INPUT', field: 'image' }, files: [] });
  expect(failed.error.message).toContain('cannot be read as a picture');
  const refused = await acme.send('POST', '/v1/meshes', {
    body: { image_url: 'https://example.com/a.png', options: { size_mm: 1e6, silhouette: { bevel_mm: -1 } } },
  });
  expect(refused.status).toBe(400);
  const { errors } = (await refused.json()) as { errors: { path: string }[] };
  expect(errors.map(({ path }) => path).sort()).toEqual(['options.silhouette.bevel_mm', 'options.size_mm']);
  const again = await acme.call('POST', `/v1/meshes/${failed.id}/retry`);
  await waitFor(async () => (await acme.call('GET', `/v1/jobs/${again.job_id}`)).state === 'succeeded', {
    describe: 'the retry',
  });
  expect(await acme.finished(failed.id)).toMatchObject({
    state: 'failed',
    job_id: expect.not.stringMatching(failed.job_id),
  });
});

it('makes a batch of 100 pictures, two of them broken, with a worker killed in the middle: 98 meshes, nothing doubled', async () => {
  const pictures = await Promise.all(
    Array.from({ length: 100 }, async (_, i): Promise<Picture> => {
      if (i === 17) return ['picture-17.png', (await gear(220)).subarray(0, 900)];
      if (i === 60)
        return ['picture-60.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')];
      return [`picture-${i}.png`, await gear(120 + i, 6 + (i % 9))];
    }),
  );
  const { id } = await acme.call('POST', '/v1/mesh-batches', {
    body: { name: 'gears', concurrency: 4, options: { formats: ['stl'] } },
  });
  expect(await acme.call('POST', `/v1/mesh-batches/${id}/images`, { body: form(pictures.slice(0, 60)) })).toEqual({
    added: 60,
    total: 60,
  });
  await acme.call('POST', `/v1/mesh-batches/${id}/images`, { body: form(pictures.slice(60)) });
  const started = await acme.call('POST', `/v1/mesh-batches/${id}/start`);
  expect(started).toMatchObject({ state: 'waiting', total: 100, concurrency: 4 });
  expect((await acme.send('POST', `/v1/mesh-batches/${id}/start`)).status).toBe(409);
  expect((await acme.send('POST', `/v1/mesh-batches/${id}/images`, { body: form(pictures.slice(0, 1)) })).status).toBe(
    409,
  );

  await waitFor(async () => (await acme.call('GET', `/v1/mesh-batches/${id}`)).completed > 10, {
    describe: 'ten meshes',
  });
  const killed = platform.service('mesh');
  await killed.kill('SIGKILL');
  const left = await readdir(join(folder, 'work'));
  expect(left).toEqual([String(killed.pid)]);
  await platform.launch('mesh');

  const batch = await acme.batchOver(id);
  expect(batch).toMatchObject({ state: 'finished', total: 100, completed: 98, failed: 2, cancelled: 0, percent: 100 });
  expect(await readdir(join(folder, 'work'))).not.toContain(left[0]);
  const failed = (await acme.call('GET', `/v1/meshes?batch_id=${id}&state=failed`)).meshes;
  expect(failed.map(({ name, error }: { name: string; error: { code: string } }) => [name, error.code]).sort()).toEqual(
    [
      ['picture-17.png', 'INVALID_INPUT'],
      ['picture-60.png', 'INVALID_INPUT'],
    ],
  );
  const made = (await acme.call('GET', `/v1/meshes?batch_id=${id}&state=succeeded&limit=200`)).meshes;
  expect(made).toHaveLength(98);
  expect(made.every(({ result }: { result: { watertight: boolean } }) => result.watertight)).toBe(true);

  // One job a picture, and one for the batch itself; every mesh has the files of one run.
  const counted = async () => {
    const jobs = await acme.call('GET', `/v1/batches/${batch.jobs}`);
    return jobs.state === 'finished' && jobs;
  };
  const jobs = await waitFor(counted, { describe: "the batch's own job to end" });
  expect(jobs).toMatchObject({ total: 101, succeeded: 99, dead: 2 });
  for (const mesh of made.slice(0, 20))
    expect(mesh.files.map(({ format }: { format: string }) => format).sort()).toEqual(['glb', 'stl']);

  const zipFile = join(folder, 'batch.zip');
  const zip = await anybody.send('GET', batch.download);
  expect(zip.headers.get('content-type')).toBe('application/zip');
  await writeFile(zipFile, Buffer.from(await zip.arrayBuffer()));
  const names = await zipNames(zipFile);
  expect(names).toHaveLength(2 * 98 + 1);
  expect(names).toEqual(expect.arrayContaining(['001-picture-0.stl', '100-picture-99.glb', 'errors.csv']));

  const retried = await acme.call('POST', `/v1/mesh-batches/${id}/retry`);
  expect(retried).toMatchObject({ retried: 2, batch: { round: 2, completed: 98 } });
  expect(await acme.batchOver(id)).toMatchObject({ state: 'finished', round: 2, completed: 98, failed: 2 });
}, 240_000);

/** Of the central directory (APPNOTE 4.3.12), read backwards from its end record. */
async function zipNames(file: string): Promise<string[]> {
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
