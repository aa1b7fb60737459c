import { startTestS3, waitFor, type TestS3 } from '@roundhouse/testing';
import { readdir } from 'node:fs/promises';
import { gear } from '../apps/mesh/e2e/drawn-images.js';
import { form, MeshClient } from './mesh/mesh-client.js';
import { startPlatform, type Platform } from './platform/platform.js';

const prefix = 'of/tests';
let s3: TestS3;
let platform: Platform;
let meshes: MeshClient;
let anybody: MeshClient;

beforeAll(async () => {
  s3 = await startTestS3();
  platform = await startPlatform({
    workers: 0,
    meshWorkers: 1,
    env: { ROUNDHOUSE_MESH_STORAGE_URL: s3.url(prefix), ...s3.env },
  });
  const url = () => platform.service('gateway').url;
  meshes = new MeshClient(url, platform.acme.key);
  anybody = new MeshClient(url);
});
afterAll(async () => {
  await platform?.stop();
  await s3?.stop();
});

const keys = async (): Promise<string[]> => (await s3.keys()).map((key) => key.slice(prefix.length + 1));

async function mesh() {
  const { id } = await meshes.call('POST', '/v1/meshes', { body: form([['gear.png', await gear(90)]]) });
  await meshes.finished(id);
  return waitFor(
    async () => {
      const found = await meshes.call('GET', `/v1/meshes/${id}`);
      return found.thumbnail && found;
    },
    { describe: 'the thumbnail' },
  );
}

it('keeps pictures, meshes and thumbnails in an S3-compatible store, and removes them there', async () => {
  const made = await mesh();
  const stored = await keys();
  expect(stored.filter((key) => key.startsWith('mesh/meshes/'))).toHaveLength(4);
  expect(stored.filter((key) => key.startsWith('mesh/images/'))).toHaveLength(1);
  expect(await readdir(platform.storageFolder).catch(() => [])).toEqual([]);

  const glb = made.files.find(({ format }: { format: string }) => format === 'glb');
  const whole = Buffer.from(await (await anybody.send('GET', glb.link)).arrayBuffer());
  expect([whole.length, whole.subarray(0, 4).toString()]).toEqual([glb.bytes, 'glTF']);
  const part = await anybody.send('GET', glb.link, { headers: { range: 'bytes=4-11' } });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(4, 12));
  expect((await anybody.send('GET', made.thumbnail)).headers.get('content-type')).toBe('image/webp');

  await meshes.call('DELETE', `/v1/meshes/${made.id}`);
  expect((await keys()).filter((key) => key.startsWith('mesh/meshes/'))).toEqual([]);
  expect((await anybody.send('GET', glb.link)).status).toBe(404);
});

it('sweeps orphans there: what is old and belongs to nothing, in earnest only when asked', async () => {
  const made = await mesh();
  const orphan = `mesh/meshes/${made.id}/lost/mesh.glb`;
  await s3.put(`${prefix}/${orphan}`, 'lost');
  await s3.age(2 * 3_600_000);
  const young = `mesh/meshes/${made.id}/young/mesh.glb`;
  await s3.put(`${prefix}/${young}`, 'young');
  const before = await keys();

  const operator = await platform.clientOf('operator', 'jobs:write', 'jobs:read');
  const sweep = async (dryRun: boolean) => {
    const { state, result } = await operator.finished(
      await operator.submit('mesh.cleanup_orphans', { dry_run: dryRun }),
    );
    expect(state).toBe('succeeded');
    return result;
  };
  expect(await sweep(true)).toMatchObject({ orphans: 1, deleted: 0, storage_keys: [orphan] });
  expect(await keys()).toEqual(before);
  expect(await sweep(false)).toMatchObject({ orphans: 1, deleted: 1 });
  expect(await keys()).toEqual(before.filter((key) => key !== orphan));
});
