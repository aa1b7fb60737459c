import { TypeOrmInbox } from '@roundhouse/inbox';
import { MeshOptions, MeshOptions_Engine } from '@roundhouse/contracts';
import { createMeshDataSource, EngineTaskStore, imageKey, ImageUploadStore, MeshStore } from '@roundhouse/mesh';
import { LocalFileStorage } from '@roundhouse/storage';
import {
  migratedSource,
  HandlerFailed,
  performJob,
  startLocalProvider,
  typescriptThreadArguments,
  waitFor,
  type LocalProvider,
  type PerformOptions,
  type ProviderAnswer,
  type ProviderRequest,
} from '@roundhouse/testing';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gear } from '../../e2e/drawn-images.js';
import { writeStl } from '../files/stl.js';
import { GenerateMeshHandler } from '../handlers/generate-mesh.handler.js';
import { ImageFiles } from '../work/image-files.js';
import { MeshFiles } from '../work/mesh-files.js';
import { WorkFolder } from '../work/work-folder.js';
import { BuiltInEngine } from './built-in-engine.js';
import { EngineClient } from './engine-client.js';
import { Engines } from './engines.js';
import { EngineThreads } from './engine-threads.js';
import { ExternalEngine, type ExternalEngineOptions } from './external-engine.js';

const tenantId = 'acme';
const source = migratedSource(createMeshDataSource);
let folder: string;
let threads: EngineThreads;
let tasks: EngineTaskStore;
let storageKey: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const threadOptions = { execArgv: typescriptThreadArguments };
  threads = new EngineThreads({ threads: 1, timeoutMs: 60_000, heapMb: 512, threadOptions });
  tasks = new EngineTaskStore(source);
  const content = await gear(100);
  const sha256 = createHash('sha256').update(content).digest('hex');
  storageKey = imageKey(tenantId, sha256);
  await new LocalFileStorage(folder).put(storageKey, content);
  await new ImageUploadStore(source).add(tenantId, {
    storageKey,
    name: 'gear',
    bytes: content.length,
    sha256,
  });
});
afterAll(async () => {
  await threads?.close();
  if (folder) await rm(folder, { recursive: true });
});

const corners = Float32Array.of(0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10);
const closed = writeStl({ positions: corners, indices: Uint32Array.of(0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3) });
const open = writeStl({ positions: corners, indices: Uint32Array.of(0, 2, 1, 0, 1, 3, 1, 2, 3) });

interface Behaviour {
  healthy?: boolean;
  /** Answers of GET /tasks/{id} in order; the last one repeats. */
  statuses?: object[];
  result?: Buffer;
}

/** A small engine as users would attach one. */
async function startEngine({ healthy = true, statuses = [], result = closed }: Behaviour): Promise<LocalProvider> {
  const asked = [...statuses];
  return startLocalProvider(({ method, path, headers }: ProviderRequest, response): ProviderAnswer | undefined => {
    if (headers.authorization !== 'Bearer engine-key') return { status: 401, body: {} };
    if (path === '/health') return healthy ? { body: { name: 'tetra', version: '3.1' } } : { status: 503, body: {} };
    if (method === 'POST' && path === '/tasks')
      return { status: 201, body: { task_id: `task-${String(headers['idempotency-key']).slice(-8)}` } };
    if (method === 'DELETE') return { body: {} };
    if (path === '/result.stl') {
      response.writeHead(200, { 'content-type': 'model/stl' });
      response.end(result);
      return undefined;
    }
    return { body: asked.length > 1 ? asked.shift() : asked[0] };
  });
}

const running = (progress: number) => ({ status: 'running', progress });
const done = { status: 'succeeded', progress: 100, result_url: '/result.stl' };

function runOn(engine: LocalProvider, options: PerformOptions = {}, more: ExternalEngineOptions = {}) {
  const client = new EngineClient({ url: engine.baseUrl, key: 'engine-key' });
  const external = new ExternalEngine(client, tasks, threads, { pollMs: 20, lookMs: 10, ...more });
  const storage = new LocalFileStorage(folder);
  const handler = new GenerateMeshHandler(
    new MeshStore(source),
    new Engines(new BuiltInEngine(threads), external),
    new ImageFiles(new ImageUploadStore(source), storage),
    new MeshFiles(storage),
    new WorkFolder(join(folder, 'work')),
  );
  const request = {
    source: { $case: 'storageKey' as const, value: storageKey },
    options: MeshOptions.fromPartial({ engine: MeshOptions_Engine.EXTERNAL }),
  };
  const transactions = new TypeOrmInbox(source, 'mesh');
  return performJob('mesh.generate', (r, ctx) => handler.handle(r, ctx), request, {
    tenantId,
    transactions,
    ...options,
  });
}

const made = ({ requests }: LocalProvider) =>
  requests.filter(({ method, path }) => method === 'POST' && path === '/tasks');

it('creates a task, asks until it is done, fetches the result, inspects it and writes every format', async () => {
  const engine = await startEngine({ statuses: [running(30), running(60), done] });
  const { result } = await runOn(engine);
  expect(result).toMatchObject({ engine: 'tetra', engineVersion: '3.1', triangleCount: 4, watertight: true });
  expect(result.volumeMm3).toBeCloseTo(1000 / 6, 3);
  expect(result.files).toHaveLength(3);
  expect(made(engine)).toHaveLength(1);
  expect(made(engine)[0]!.body).toContain('name="image"');
  await engine.close();
});

it('waits without spending an attempt while the engine is not healthy, longer every time', async () => {
  const engine = await startEngine({ healthy: false });
  const jobId = randomUUID();
  const first = (await runOn(engine, { jobId }).catch((error: unknown) => error)) as HandlerFailed;
  expect(first.cause).toMatchObject({ outcome: { $case: 'snoozed', value: { delay: { seconds: 5 } } } });
  const second = await runOn(engine, { jobId, attempt: 2, checkpoint: first.traces.checkpoint }).catch(
    (error: unknown) => error,
  );
  expect(second).toMatchObject({ cause: { outcome: { $case: 'snoozed', value: { delay: { seconds: 10 } } } } });
  expect(made(engine)).toHaveLength(0);
  await engine.close();
});

it('goes on with the task of an earlier attempt', async () => {
  const engine = await startEngine({ statuses: [done] });
  const jobId = randomUUID();
  await tasks.expect(tenantId, jobId, 1);
  await tasks.made(jobId, 1, 'task-from-before');
  const { result } = await runOn(engine, { jobId, attempt: 2 });
  expect(result.watertight).toBe(true);
  expect(made(engine)).toHaveLength(0);
  expect(engine.requests.some(({ path }) => path === '/tasks/task-from-before')).toBe(true);
  await engine.close();
});

it('lists the tasks that may still be worked on', async () => {
  const ids = [randomUUID(), randomUUID(), randomUUID(), randomUUID()].sort();
  for (const id of ids) await tasks.expect(tenantId, id, 1);
  for (const id of ids.slice(1)) await tasks.made(id, 1, `task ${id}`);
  await tasks.close(ids[2]!, `task ${ids[2]}`, { status: 'succeeded', resultUrl: '/result.stl' });
  const listed: string[] = [];
  for (let after: string | undefined; ;) {
    const [task] = await tasks.open(after, 1);
    if (!task) break;
    listed.push((after = task.jobId));
  }
  const own = new Set<string>(ids);
  expect(listed.filter((id) => own.has(id))).toEqual([ids[1], ids[3]]);
  expect(listed).toEqual(listed.toSorted());
});

it('hears callbacks, whatever their order, without asking', async () => {
  const engine = await startEngine({ statuses: [running(1)] });
  const jobId = randomUUID();
  const job = runOn(engine, { jobId }, { pollMs: 600_000, callbackBase: 'https://gateway.example' });
  const taskId = await waitFor(() => tasks.find(jobId).then((found) => found?.taskId ?? false), {
    describe: 'the task',
  });
  const news = { taskId, progress: 0, resultUrl: '', message: '' };
  expect(await tasks.apply(tenantId, jobId, { ...news, sequence: 3, status: 'running', progress: 50 })).toBe(true);
  expect(await tasks.apply(tenantId, jobId, { ...news, sequence: 2, status: 'failed' })).toBe(false);
  expect(await tasks.apply(tenantId, jobId, { ...news, sequence: 3, status: 'failed' })).toBe(false);
  expect(await tasks.apply('globex', jobId, { ...news, sequence: 9, status: 'failed' })).toBe(false);
  expect(
    await tasks.apply(tenantId, jobId, { ...news, sequence: 4, status: 'succeeded', resultUrl: '/result.stl' }),
  ).toBe(true);
  expect(await tasks.apply(tenantId, jobId, { ...news, sequence: 5, status: 'failed' })).toBe(false);
  expect((await job).result.triangleCount).toBe(4);
  expect(made(engine)[0]!.body).toContain(`https://gateway.example/v1/mesh/callbacks/${jobId}`);
  expect(engine.requests.filter(({ path }) => path.startsWith('/tasks/'))).toHaveLength(0);
  await engine.close();
});

it('cancels upstream when the job is cancelled, and when the engine is too slow', async () => {
  const engine = await startEngine({ statuses: [running(10)] });
  let interrupt: () => void = () => undefined;
  const cancelled = runOn(engine, { onEvent: (_, stop) => void (interrupt = stop) });
  await waitFor(() => engine.requests.some(({ path }) => path.startsWith('/tasks/')), {
    describe: 'the first question',
  });
  await waitFor(() => (interrupt(), engine.requests.some(({ method }) => method === 'DELETE')), {
    describe: 'the cancellation',
  });
  await expect(cancelled).rejects.toThrow('cancelled');
  const jobId = randomUUID();
  const late = runOn(engine, { jobId }, { limitMs: 100 });
  await expect(late).rejects.toMatchObject({ cause: { code: 'TIMEOUT' } });
  expect(await tasks.find(jobId)).toMatchObject({ status: 'cancelled' });
  expect(engine.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
  await engine.close();
});

it('keeps no mesh that is not watertight, and tries a failed task with a new one', async () => {
  const leaky = await startEngine({ statuses: [done], result: open });
  await expect(runOn(leaky)).rejects.toMatchObject({ cause: { code: 'INTERNAL', retryable: false } });
  await leaky.close();
  const engine = await startEngine({ statuses: [{ status: 'failed', message: 'no GPU' }, done] });
  const jobId = randomUUID();
  await expect(runOn(engine, { jobId })).rejects.toMatchObject({ cause: { code: 'INTERNAL', retryable: true } });
  expect((await runOn(engine, { jobId, attempt: 2 })).result.triangleCount).toBe(4);
  expect(new Set(made(engine).map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
  await engine.close();
});
