import { startLocalProvider, waitFor, type LocalProvider } from '@roundhouse/testing';
import { gear } from '../apps/mesh/e2e/drawn-images.js';
import { form, MeshClient } from './mesh/mesh-client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let receiver: LocalProvider;
let meshes: MeshClient;

beforeAll(async () => {
  receiver = await startLocalProvider(() => ({ status: 200, body: '' }));
  platform = await startPlatform({ workers: 0, meshWorkers: 1, env: { ROUNDHOUSE_ALLOW_PRIVATE_WEBHOOKS: 'true' } });
  await platform.launch('notifier');
  meshes = new MeshClient(() => platform.service('gateway').url, platform.acme.key);
  const admin = await platform.clientWith('admin');
  const events = ['mesh.generated', 'mesh.failed', 'mesh.batch_progress', 'mesh.batch_finished'];
  const { status } = await admin.send('/v1/webhooks/meshes', {
    method: 'PUT',
    body: { url: `${receiver.baseUrl}/hook`, events },
  });
  expect(status).toBeLessThan(300);
});
afterAll(async () => {
  await platform?.stop();
  await receiver?.close();
});
beforeEach(() => void (receiver.requests.length = 0));

interface Message {
  type: string;
  data: { body: Record<string, unknown> };
}
const messages = (type: string): Message['data']['body'][] =>
  receiver.requests
    .map(({ body }) => JSON.parse(body) as Message)
    .filter((message) => message.type === type)
    .map(({ data }) => data.body);
const received = (type: string, wanted: number) =>
  waitFor(() => messages(type).length >= wanted && messages(type), {
    describe: `${wanted} × ${type}`,
  });

it('tell of a mesh that is made and of one that cannot be', async () => {
  const made = await meshes.call('POST', '/v1/meshes', { body: form([['gear.png', await gear(80)]]) });
  const { result } = await meshes.finished(made.id);
  expect(await received('mesh.generated', 1)).toEqual([
    { mesh_id: made.id, batch_id: '', name: 'gear.png', triangle_count: result.triangle_count },
  ]);
  const broken = await meshes.call('POST', '/v1/meshes', { body: form([['notes.txt', Buffer.from('no picture')]]) });
  expect(await received('mesh.failed', 1)).toMatchObject([
    {
      mesh_id: broken.id,
      name: 'notes.txt',
      code: 'INVALID_INPUT',
      message: expect.stringContaining('cannot be read as a picture'),
    },
  ]);
  expect(messages('mesh.generated')).toHaveLength(1);
});

it('tell of a batch: every mesh, how far it is, and its end once', async () => {
  const [good, bad] = [
    await meshes.upload(['gear.png', await gear(80)]),
    await meshes.upload(['bad.png', Buffer.from('bad')]),
  ];
  const images = [good, bad, good, good].map((key) => ({ storage_key: key }));
  const { id } = await meshes.call('POST', '/v1/mesh-batches', { body: { name: 'four', images, start: true } });
  expect(await received('mesh.batch_finished', 1)).toEqual([
    { batch_id: id, name: 'four', total: 4, completed: 3, failed: 1, cancelled: 0 },
  ]);
  expect((await received('mesh.generated', 3)).every((body) => body.batch_id === id)).toBe(true);
  expect(await received('mesh.failed', 1)).toMatchObject([{ batch_id: id, code: 'INVALID_INPUT' }]);
  const progress = await received('mesh.batch_progress', 1);
  expect(progress.every((body) => body.batch_id === id && body.total === 4)).toBe(true);
  expect(messages('mesh.batch_finished')).toHaveLength(1);
});
