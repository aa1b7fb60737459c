import { GenerateMeshRequest, MeshOptions } from '@roundhouse/contracts';
import { TypeOrmInbox } from '@roundhouse/inbox';
import {
  createMeshDataSource,
  imageKey,
  ImageUploadStore,
  MeshBatchStore,
  meshFileKey,
  MeshStore,
  MeshUpkeepStore,
} from '@roundhouse/mesh';
import { LocalFileStorage } from '@roundhouse/storage';
import { migratedSource, performJob, waitFor } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MeshFiles } from '../work/mesh-files.js';
import { CleanupFailedHandler } from './cleanup-failed.handler.js';
import { CleanupOrphansHandler } from './cleanup-orphans.handler.js';
import { GenerateBatchHandler } from './generate-batch.handler.js';
import { RecordFailureHandler } from './record-failure.handler.js';
import { RetryMeshHandler } from './retry-mesh.handler.js';

const source = migratedSource(createMeshDataSource);
let folder: string;
let storage: LocalFileStorage;
let meshes: MeshStore;
let uploads: ImageUploadStore;
let batches: MeshBatchStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'upkeep-'));
  storage = new LocalFileStorage(folder);
  meshes = new MeshStore(source);
  uploads = new ImageUploadStore(source);
  batches = new MeshBatchStore(source);
});
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true });
});
beforeEach(() => source.query('truncate mesh.meshes, mesh.uploads, mesh.batches, mesh.files, mesh.inbox'));

const tenantId = 'acme';
const options = MeshOptions.fromPartial({});
const transactions = () => new TypeOrmInbox(source, 'mesh');

async function failedMesh(tenant = tenantId): Promise<{ id: string; jobId: string }> {
  const jobId = randomUUID();
  await meshes.add(tenant, { id: jobId, name: 'x', source: { imageUrl: 'https://example.com/x.png' }, options }, jobId);
  await meshes.fail(tenant, jobId, jobId, { code: 'INVALID_INPUT', message: 'no picture', field: 'image' });
  return { id: jobId, jobId };
}

async function storedFile(key: string, hoursOld: number): Promise<string> {
  await storage.put(key, Buffer.from('x'));
  const then = new Date(Date.now() - hoursOld * 3_600_000);
  await utimes(join(folder, key), then, then);
  return key;
}

const sweep = (request: { dryRun: boolean }, tenant = 'operator') => {
  const handler = new CleanupOrphansHandler(new MeshUpkeepStore(source), new MeshFiles(storage));
  return performJob('mesh.cleanup_orphans', (r, ctx) => handler.handle(r, ctx), request, { tenantId: tenant });
};

it('removes what nothing refers to and is older than an hour, and nothing else', async () => {
  const { id, jobId } = await failedMesh();
  await source.query(`update mesh.meshes set state = 'succeeded' where id = $1`, [id]);
  const kept = await storedFile(meshFileKey(id, jobId, 2, 'mesh.glb'), 48);
  await meshes.addFile(source, tenantId, id, { format: 'glb', storageKey: kept, bytes: 1, sha256: '' });
  const image = await storedFile(imageKey(tenantId, 'a'.repeat(64)), 48);
  await uploads.add(tenantId, { storageKey: image, name: 'a', bytes: 1, sha256: '' });
  const orphan = await storedFile(meshFileKey(id, jobId, 1, 'mesh.glb'), 48);
  const young = await storedFile(meshFileKey(id, jobId, 3, 'mesh.glb'), 0.5);
  const foreign = await storedFile('uploads/somebody/else', 48);
  const exists = async (key: string) => (await storage.stat(key)) !== undefined;

  const dry = await sweep({ dryRun: true });
  expect(dry.result).toMatchObject({ files: 4, orphans: 1, deleted: 0, bytes: 1, storageKeys: [orphan] });
  expect(await exists(orphan)).toBe(true);
  const { result } = await sweep({ dryRun: false });
  expect(result).toMatchObject({ files: 4, orphans: 1, deleted: 1 });
  expect(await Promise.all([orphan, kept, image, young, foreign].map(exists))).toEqual([false, true, true, true, true]);

  await source.query(`update mesh.uploads set created_at = now() - interval '8 days'`);
  await sweep({ dryRun: false });
  expect(await exists(image)).toBe(false);
});

it('lets nobody but the operator sweep', async () => {
  await expect(sweep({ dryRun: false }, 'acme')).rejects.toMatchObject({ cause: { code: 'FAILED_PRECONDITION' } });
});

it('removes old failures: of everybody for the operator, else of the tenant who asks', async () => {
  const handler = new CleanupFailedHandler(new MeshUpkeepStore(source));
  const clean = (tenant: string) =>
    performJob('mesh.cleanup_failed', (r, ctx) => handler.handle(r, ctx), { olderThanDays: 7 }, { tenantId: tenant });
  const [own, others] = [await failedMesh(), await failedMesh('globex')];
  expect((await clean('operator')).result.meshes).toBe(0);
  await source.query(`update mesh.meshes set finished_at = now() - interval '8 days'`);
  expect((await clean('acme')).result.meshes).toBe(1);
  expect([await meshes.find(tenantId, own.id), (await meshes.find('globex', others.id))?.state]).toEqual([
    undefined,
    'failed',
  ]);
  expect((await clean('operator')).result.meshes).toBe(1);
});

it('notes a death with its mesh once, whoever told of it before', async () => {
  const handler = new RecordFailureHandler(meshes);
  const jobId = randomUUID();
  const source = { $case: 'imageUrl' as const, value: 'https://example.com/x.png' };
  const message = GenerateMeshRequest.fromPartial({ name: 'x.png', source });
  const payload = Buffer.from(GenerateMeshRequest.encode(message).finish());
  const note = () =>
    performJob(
      'mesh.record_failure',
      (r, ctx) => handler.handle(r, ctx),
      { jobId, payload, error: { code: 9, message: 'its worker was lost', retry: 0, field: '', stack: '' } },
      { tenantId },
    );
  const first = await note();
  expect(first.result.recorded).toBe(true);
  expect(first.events).toMatchObject([{ type: 'mesh.failed', body: { meshId: jobId, code: 'LOST' } }]);
  expect(await meshes.find(tenantId, jobId)).toMatchObject({ state: 'failed', error: { code: 'LOST' } });
  expect((await note()).result.recorded).toBe(false);
});

it('queues a failed mesh again, with one job however often it runs', async () => {
  const handler = new RetryMeshHandler(meshes);
  const { id } = await failedMesh();
  const jobId = randomUUID();
  const retry = (attempt: number) =>
    performJob(
      'mesh.retry',
      (r, ctx) => handler.handle(r, ctx),
      { meshId: id },
      { tenantId, transactions: transactions(), jobId, attempt },
    );
  const wanted = [{ kind: 'mesh.generate', request: { meshId: id, source: { $case: 'imageUrl' } } }];
  expect((await retry(1)).followUps).toMatchObject(wanted);
  // It died before its outcome was known: the follow-up has not happened.
  expect((await retry(2)).followUps).toMatchObject(wanted);
  await meshes.begin(tenantId, { id, name: '', source: { imageUrl: '' }, options }, randomUUID(), false);
  expect(await retry(3)).toMatchObject({ result: { retried: false }, followUps: [] });
});

it('accompanies a batch from its turn to its end', async () => {
  const handler = new GenerateBatchHandler(batches);
  const batchId = randomUUID();
  await batches.create(tenantId, { id: batchId, name: 'b', options, concurrency: 2 });
  const ids = [randomUUID(), randomUUID(), randomUUID()];
  await batches.add(
    tenantId,
    batchId,
    ids.map((id) => ({ id, name: id, imageUrl: 'https://example.com/x.png' })),
  );
  expect(await batches.start(tenantId, batchId, randomUUID())).toBe(true);
  const accompanied = performJob(
    'mesh.generate_batch',
    (r, ctx) => handler.handle(r, ctx),
    { batchId, round: 1 },
    { tenantId },
  );
  const [batch] = await waitFor(async () => (await batches.toSend()).length === 1 && batches.toSend(), {
    describe: 'its turn',
  });
  expect((await batches.imagesOfRound(batch!, 2, 10)).map(({ id }) => id)).toEqual(ids.slice(1));
  for (const id of ids) await meshes.begin(tenantId, { id, name: '', source: { imageUrl: '' }, options }, id, false);
  await batches.sent(batch!);
  await meshes.fail(tenantId, ids[0]!, ids[0]!, { code: 'INVALID_INPUT', message: 'no', field: null });
  await source.query(`update mesh.meshes set state = 'succeeded' where id = any($1::uuid[])`, [ids.slice(1)]);
  const { result, events } = await accompanied;
  expect(result).toMatchObject({ total: 3, completed: 2, failed: 1, cancelled: 0 });
  expect(events.at(-1)).toMatchObject({ type: 'mesh.batch_finished', body: { batchId, failed: 1 } });
  expect(await batches.retry(tenantId, (await batches.find(tenantId, batchId))!, randomUUID())).toBe(1);
  expect(await batches.find(tenantId, batchId)).toMatchObject({ state: 'waiting', round: 2, completed: 2, failed: 0 });
});
