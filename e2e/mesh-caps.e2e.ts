import { waitFor } from '@roundhouse/testing';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dots, gear, roughness } from '../apps/mesh/e2e/drawn-images.js';
import { form, MeshClient, type Picture } from './mesh/mesh-client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let meshes: MeshClient;
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'mesh-caps-'));
  const mesh = {
    ROUNDHOUSE_MESH_WORK_DIR: work,
    ROUNDHOUSE_MESH_THREADS: '2',
    ROUNDHOUSE_MESH_TIMEOUT: '90',
    ROUNDHOUSE_MESH_HEAP: '64',
  };
  platform = await startPlatform({ workers: 0, meshWorkers: 1, envOf: { mesh } });
  meshes = new MeshClient(() => platform.service('gateway').url, platform.acme.key);
});
afterAll(async () => {
  await platform?.stop();
  if (work) await rm(work, { recursive: true });
});

const ask = async (picture: Picture, options: object = {}): Promise<string> =>
  (await meshes.call('POST', '/v1/meshes', { body: form([picture], { options: JSON.stringify(options) }) })).id;

const small = gear(120);
const neighbours = async (): Promise<string[]> => {
  const picture = await small;
  return Promise.all(Array.from({ length: 8 }, (_, i) => ask([`gear-${i}.png`, picture])));
};

/** That one mesh has failed is nothing to the others, to the process or to its folder. */
async function expectUnharmed(others: string[], pid: number): Promise<void> {
  others.push(await ask(['again.png', await small]));
  for (const id of others) expect(await meshes.finished(id, 120_000)).toMatchObject({ state: 'succeeded' });
  expect(platform.service('mesh').pid).toBe(pid);
  const left = () => readdir(join(work, String(pid)));
  await waitFor(async () => (await left()).length === 0, { describe: 'what is still at work, thumbnails, to be over' });
}

it('ends meshes that take too much memory; their neighbours, the process and its folder do not notice', async () => {
  const { pid } = platform.service('mesh');
  const greedy = await ask(['dots.png', await dots(1_500)], { silhouette: { max_error_px: 0 } });
  const others = await neighbours();
  expect(await meshes.finished(greedy, 120_000)).toMatchObject({
    state: 'failed',
    error: { code: 'INVALID_INPUT', field: 'image', message: expect.stringContaining('more memory') },
  });
  expect(await platform.acme.job(greedy)).toMatchObject({ state: 'dead', attempt: 1 });
  await expectUnharmed(others, pid);
}, 300_000);

it('ends meshes that take too long, likewise', async () => {
  await platform.service('mesh').stop();
  // Several times as long as the neighbours take on a slow machine, a fraction of what the other one takes on a fast one.
  const { pid } = await platform.launch('mesh', { ROUNDHOUSE_MESH_TIMEOUT: '8' });
  const rough: Picture = ['rough.png', await roughness(4_000)];
  const slow = await ask(rough, { mode: 'relief', relief: { max_triangles: 2_000_000, max_error: 0.0001 } });
  const others = await neighbours();
  expect(await meshes.finished(slow, 120_000)).toMatchObject({
    state: 'failed',
    error: { code: 'TIMEOUT', message: expect.stringContaining('not made within 8 s') },
  });
  expect(await platform.acme.job(slow)).toMatchObject({ state: 'dead', attempt: 1 });
  await expectUnharmed(others, pid);
}, 300_000);
