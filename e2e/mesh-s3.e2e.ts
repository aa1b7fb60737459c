import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { waitFor } from '@roundhouse/testing';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { gear } from '../apps/mesh/e2e/drawn-images.js';
import { form, MeshClient } from './mesh/mesh-client.js';
import { startPlatform, type Platform } from './platform/platform.js';

const bucket = 'meshes';
const prefix = 'of/tests';
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

let folder: string;
let server: S3rver;
let client: S3Client;
let platform: Platform;
let meshes: MeshClient;
let anybody: MeshClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3-'));
  server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder });
  const { port } = (await server.run()) as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  platform = await startPlatform({
    workers: 0,
    meshWorkers: 1,
    env: {
      ROUNDHOUSE_MESH_STORAGE_URL: `s3://${bucket}/${prefix}?endpoint=${endpoint}`,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
  const url = () => platform.service('gateway').url;
  meshes = new MeshClient(url, platform.acme.key);
  anybody = new MeshClient(url);
});
afterAll(async () => {
  await platform?.stop();
  await server?.close();
  if (folder) await rm(folder, { recursive: true });
});

const keys = async (): Promise<string[]> =>
  (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents?.map(({ Key }) =>
    Key!.slice(prefix.length + 1),
  ) ?? [];

/** Makes every stored object look two hours old: the server takes an object's time from its files. */
async function age(): Promise<void> {
  const then = new Date(Date.now() - 2 * 3_600_000);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), then, then);
}

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
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}/${orphan}`, Body: 'lost' }));
  await age();
  const young = `mesh/meshes/${made.id}/young/mesh.glb`;
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}/${young}`, Body: 'young' }));
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
