import { MeshOptions, MeshOptions_Mode } from '@roundhouse/contracts';
import { typescriptThreadArguments } from '@roundhouse/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dots, gear, roughness } from '../../e2e/drawn-images.js';
import { engineSettings } from './engine-settings.js';
import { EngineThreads, type EngineThreadsOptions } from './engine-threads.js';

let folder: string;
let threads: EngineThreads;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'threads-'))));
afterEach(() => threads.close());
afterAll(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;
/** Threads of this process that are alive, as V8 counts them. */
const alive = (): number => (process.report.getReport() as unknown as { workers: unknown[] }).workers.length;

function start(options: Partial<EngineThreadsOptions>): void {
  const threadOptions = { execArgv: typescriptThreadArguments };
  threads = new EngineThreads({ threads: 2, timeoutMs: 120_000, heapMb: 512, threadOptions, ...options });
}

async function picture(name: string, content: Promise<Buffer>, options: object = {}) {
  const imagePath = join(folder, name);
  await writeFile(imagePath, await content);
  return { imagePath, folder, name, settings: engineSettings(MeshOptions.fromPartial(options)) };
}
/** Minutes of work that never waits for anything. */
let rough: Promise<Buffer> | undefined;
const endless = () =>
  picture('rough', (rough ??= roughness(3_000)), {
    mode: MeshOptions_Mode.RELIEF,
    relief: { maxTriangles: 18_000_000, maxError: 0.0001 },
  });

it('ends a thread that takes too long; its neighbour and whoever comes next are made', async () => {
  start({ timeoutMs: 15_000 });
  const runaway = threads.run('make', await endless(), { signal: never });
  const neighbour = await threads.run('make', await picture('gear', gear(200)), { signal: never });
  expect(neighbour.report.watertight).toBe(true);
  await expect(runaway).rejects.toMatchObject({ code: 'TIMEOUT', retryable: false });
  expect(alive()).toBe(1);
  const next = await threads.run('make', await picture('next', gear(200)), { signal: never });
  expect(next.report.watertight).toBe(true);
}, 240_000);

it('ends a thread that needs too much memory; its neighbour and whoever comes next are made', async () => {
  start({ heapMb: 64 });
  const greedy = threads.run('make', await picture('dots', dots(2_000), { silhouette: { maxErrorPx: 0 } }), {
    signal: never,
  });
  const neighbour = await threads.run('make', await picture('gear', gear(200)), { signal: never });
  expect(neighbour.report.watertight).toBe(true);
  await expect(greedy).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'image', retryable: false });
  const next = await threads.run('make', await picture('next', gear(200)), { signal: never });
  expect(next.report.watertight).toBe(true);
}, 240_000);

it('ends the thread of a task that is cancelled, and leaves none when it closes', async () => {
  start({ threads: 1 });
  const cancel = new AbortController();
  const task = await endless();
  const reason = new Error('cancelled');
  const run = threads.run('make', task, { signal: cancel.signal, onProgress: () => cancel.abort(reason) });
  const waiting = new AbortController();
  const second = threads.run('make', task, { signal: waiting.signal });
  waiting.abort(reason);
  await expect(second).rejects.toBe(reason);
  await expect(run).rejects.toBe(reason);
  expect(alive()).toBe(0);
  const made = await threads.run('make', await picture('gear', gear(100)), { signal: never });
  expect(made.report.watertight).toBe(true);
  expect(alive()).toBe(1);
  await threads.close();
  expect(alive()).toBe(0);
}, 240_000);

it('refuses a picture with too many outlines before they cost memory', async () => {
  start({ heapMb: 256 });
  const many = threads.run('make', await picture('dots', dots(2_400), { silhouette: { maxErrorPx: 0 } }), {
    signal: never,
  });
  await expect(many).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('outlines') });
}, 240_000);
