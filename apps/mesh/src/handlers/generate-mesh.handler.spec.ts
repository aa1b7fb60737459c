import { MeshFormat, MeshOptions, MeshOptions_Mode, type GenerateMeshRequest } from '@roundhouse/contracts';
import { TypeOrmInbox } from '@roundhouse/inbox';
import { createMeshDataSource, imageKey, ImageUploadStore, MeshStore } from '@roundhouse/mesh';
import { LocalFileStorage } from '@roundhouse/storage';
import {
  migratedSource,
  performJob,
  startLocalProvider,
  typescriptThreadArguments,
  type PerformOptions,
  type ProviderAnswer,
} from '@roundhouse/testing';
import { validateBytes } from 'gltf-validator';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { gear, hills, star } from '../../e2e/drawn-images.js';
import { BuiltInEngine } from '../engine/built-in-engine.js';
import { Engines } from '../engine/engines.js';
import { EngineThreads } from '../engine/engine-threads.js';
import { readStl } from '../files/stl.js';
import { inspectSolid } from '../solid/inspect-solid.js';
import { ImageFiles } from '../work/image-files.js';
import { MeshFiles } from '../work/mesh-files.js';
import { WorkFolder } from '../work/work-folder.js';
import { GenerateMeshHandler } from './generate-mesh.handler.js';
import { RenderThumbnailHandler } from './render-thumbnail.handler.js';

const tenantId = 'acme';
const source = migratedSource(createMeshDataSource);
let folder: string;
let storage: LocalFileStorage;
let threads: EngineThreads;
let meshes: MeshStore;
let handler: GenerateMeshHandler;
let thumbnails: RenderThumbnailHandler;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshes-'));
  storage = new LocalFileStorage(join(folder, 'storage'));
  const threadOptions = { execArgv: typescriptThreadArguments };
  threads = new EngineThreads({ threads: 2, timeoutMs: 60_000, heapMb: 512, threadOptions });
  meshes = new MeshStore(source);
  const work = new WorkFolder(join(folder, 'work'));
  const files = new MeshFiles(storage);
  const open = { allowHttp: true, allowPrivate: true };
  const images = new ImageFiles(new ImageUploadStore(source), storage, open);
  handler = new GenerateMeshHandler(meshes, new Engines(new BuiltInEngine(threads)), images, files, work);
  thumbnails = new RenderThumbnailHandler(meshes, threads, files, work);
});
afterAll(async () => {
  await threads?.close();
  if (folder) await rm(folder, { recursive: true });
});

async function uploaded(content: Buffer): Promise<GenerateMeshRequest['source']> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const storageKey = imageKey(tenantId, sha256);
  await storage.put(storageKey, content);
  await new ImageUploadStore(source).add(tenantId, { storageKey, name: 'x', bytes: content.length, sha256 });
  return { $case: 'storageKey', value: storageKey };
}

const transactions = () => new TypeOrmInbox(source, 'mesh');
const run = (request: Partial<GenerateMeshRequest>, options: PerformOptions = {}) =>
  performJob('mesh.generate', (r, ctx) => handler.handle(r, ctx), request, {
    tenantId,
    transactions: transactions(),
    ...options,
  });

const contentOf = async (storageKey: string) => buffer(await storage.open(storageKey));

it('makes a watertight mesh in three formats of an uploaded picture', async () => {
  const source = await uploaded(await gear(400));
  const { result, jobId, followUps, events, progress } = await run({ source, name: 'gear.png' });
  expect(result).toMatchObject({
    meshId: jobId,
    watertight: true,
    parts: 1,
    genus: 1,
    engine: 'built-in',
    foreground: 'dark',
  });
  expect(result.iou).toBeGreaterThanOrEqual(0.98);
  expect(result.files.map(({ format }) => format)).toEqual([MeshFormat.GLB, MeshFormat.STL, MeshFormat.OBJ]);
  const [glb, stl] = await Promise.all(result.files.map(({ storageKey }) => contentOf(storageKey)));
  expect((await validateBytes(glb!)).issues).toMatchObject({ numErrors: 0, numWarnings: 0 });
  const report = inspectSolid(readStl(stl!));
  expect(report).toMatchObject({ watertight: true, triangles: result.triangleCount, vertices: result.vertexCount });
  expect(report.volume).toBeCloseTo(result.volumeMm3, 0);
  expect(result.maxMm!.z).toBe(3);
  expect(followUps).toMatchObject([{ kind: 'mesh.render_thumbnail', request: { meshId: jobId } }]);
  expect(events).toMatchObject([{ type: 'mesh.generated', body: { meshId: jobId, name: 'gear.png' } }]);
  expect(progress.length).toBeGreaterThan(0);
  expect(await meshes.find(tenantId, jobId)).toMatchObject({ state: 'succeeded', result: { meshId: jobId } });
  expect(await meshes.find('globex', jobId)).toBeUndefined();
  expect(await readdir(join(folder, 'work', String(process.pid)))).toEqual([]);
});

it('makes reliefs and lithophanes within their error, and takes transparency for the ground', async () => {
  const source = await uploaded(await hills(300, 200));
  const relief = await run({ source, options: MeshOptions.fromPartial({ mode: MeshOptions_Mode.RELIEF }) });
  expect(relief.result).toMatchObject({ watertight: true, genus: 0, parts: 1, limited: false });
  expect(relief.result.maxError).toBeLessThanOrEqual(0.01);
  expect(relief.result.maxMm).toMatchObject({ x: 100 });
  const lithophane = await run({ source, options: MeshOptions.fromPartial({ mode: MeshOptions_Mode.LITHOPHANE }) });
  expect(lithophane.result.maxMm!.z).toBeLessThanOrEqual(3.2);
  const cut = await run({ source: await uploaded(await star(200)) });
  expect(cut.result).toMatchObject({ foreground: 'alpha', genus: 0, parts: 1 });
});

it('draws a thumbnail of 512 × 512 pixels', async () => {
  const { jobId } = await run({ source: await uploaded(await gear(300)) });
  const draw = () =>
    performJob(
      'mesh.render_thumbnail',
      (r, ctx) => thumbnails.handle(r, ctx),
      { meshId: jobId },
      { tenantId, transactions: transactions() },
    );
  const { result } = await draw();
  const picture = await contentOf(result.storageKey);
  expect(await sharp(picture).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 });
  expect((await sharp(picture).stats()).channels[0]!.stdev).toBeGreaterThan(10);
});

it('keeps one mesh however often the job runs', async () => {
  const source = await uploaded(await gear(200));
  const jobId = randomUUID();
  const first = await run({ source }, { jobId });
  // Its worker died before it could report: the job runs again and finds its mesh.
  const second = await run({ source }, { jobId, attempt: 2 });
  expect(second.result).toEqual(first.result);
  expect(second.followUps).toHaveLength(1);
  const folders = await readdir(join(folder, 'storage/mesh/meshes', jobId));
  expect(folders).toEqual([`${jobId}-1`]);
});

it('leaves nothing behind when it is cancelled', async () => {
  const source = await uploaded(await gear(200));
  const jobId = randomUUID();
  const cancelled = run({ source }, { jobId, onEvent: (_, interrupt) => interrupt() });
  await expect(cancelled).rejects.toThrow('cancelled');
  expect(await meshes.find(tenantId, jobId)).toMatchObject({ state: 'cancelled', files: [] });
  await expect(readdir(join(folder, 'storage/mesh/meshes', jobId))).rejects.toThrow('ENOENT');
});

it('refuses an image of somebody else, and one that is not there', async () => {
  const source = await uploaded(await gear(100));
  const refused = run({ source }, { tenantId: 'globex' });
  await expect(refused).rejects.toMatchObject({ cause: { code: 'NOT_FOUND', field: 'storage_key' } });
});

describe('pictures at a URL', () => {
  it('are fetched over a redirect, and refused when they are none', async () => {
    const picture = await gear(150);
    const provider = await startLocalProvider(({ path }, response): ProviderAnswer | undefined => {
      if (path === '/moved') return { status: 302, headers: { location: '/gear.png' }, body: '' };
      if (path === '/page') return { headers: { 'content-type': 'text/html' }, body: '<p>' };
      if (path === '/gone') return { status: 404, body: '' };
      if (path === '/busy') return { status: 503, headers: { 'retry-after': '7' }, body: '' };
      if (path === '/loop') return { status: 302, headers: { location: '/loop' }, body: '' };
      response.writeHead(200, { 'content-type': 'image/png' });
      response.end(picture);
      return undefined;
    });
    const at = (path: string) => run({ source: { $case: 'imageUrl', value: provider.baseUrl + path } });
    expect((await at('/moved')).result.watertight).toBe(true);
    await expect(at('/page')).rejects.toMatchObject({ cause: { code: 'INVALID_INPUT', field: 'image_url' } });
    await expect(at('/gone')).rejects.toMatchObject({ cause: { code: 'INVALID_INPUT', field: 'image_url' } });
    await expect(at('/loop')).rejects.toMatchObject({ cause: { code: 'INVALID_INPUT', field: 'image_url' } });
    await expect(at('/busy')).rejects.toMatchObject({ cause: { code: 'UNAVAILABLE', retryAfterMs: 7000 } });
    await provider.close();
  });

  it('are not fetched from private addresses', async () => {
    const images = new ImageFiles(new ImageUploadStore(source), storage);
    const guarded = new GenerateMeshHandler(
      meshes,
      new Engines(new BuiltInEngine(threads)),
      images,
      new MeshFiles(storage),
      new WorkFolder(folder),
    );
    for (const url of [
      'https://127.0.0.1/x.png',
      'https://169.254.169.254/latest',
      'http://example.com/x.png',
      'file:///etc/passwd',
    ]) {
      const refused = performJob(
        'mesh.generate',
        (r, ctx) => guarded.handle(r, ctx),
        { source: { $case: 'imageUrl', value: url } },
        { tenantId },
      );
      await expect(refused).rejects.toMatchObject({ cause: { code: 'INVALID_INPUT', field: 'image_url' } });
    }
  });
});
