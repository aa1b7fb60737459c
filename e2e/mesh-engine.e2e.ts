import { waitFor } from '@roundhouse/testing';
import { randomBytes } from 'node:crypto';
import { gear } from '../apps/mesh/e2e/drawn-images.js';
import { HttpEngine, type Task } from './mesh/http-engine.js';
import { startPlatform, type Platform } from './platform/platform.js';

const secret = randomBytes(32).toString('hex');
const width = 60;
let platform: Platform;
let engine: HttpEngine;

/** A worker that has the engine. */
const attach = () =>
  platform.launch('mesh', {
    ROUNDHOUSE_MESH_ENGINE_URL: engine.url,
    ROUNDHOUSE_MESH_CALLBACK_URL: platform.service('gateway').url,
  });

beforeAll(async () => {
  engine = await new HttpEngine(secret).open();
  platform = await startPlatform({ workers: 0, envOf: { gateway: { ROUNDHOUSE_MESH_CALLBACK_SECRET: secret } } });
  await attach();
});
afterAll(async () => {
  await platform?.stop();
  await engine?.close();
});
beforeEach(() => engine.forgetAll());

/** @returns the mesh's id, which is its first job's as well */
async function ask(): Promise<string> {
  const form = new FormData();
  form.set('options', JSON.stringify({ engine: 'external', formats: ['stl'] }));
  form.set('file', new Blob([new Uint8Array(await gear(width))]), 'gear.png');
  const answer = await fetch(`${platform.service('gateway').url}/v1/meshes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.acme.key}` },
    body: form,
  });
  const { id } = (await answer.json()) as { id: string };
  return id;
}

const theTask = (): Promise<Task> => waitFor(async () => engine.task ?? false, { describe: 'the task at the engine' });

const mesh = async (id: string) => (await platform.acme.send(`/v1/meshes/${id}`)).body;

async function made(id: string) {
  const job = await platform.acme.finished(id);
  expect(job).toMatchObject({ state: 'succeeded', failures: 0 });
  const { state, result } = await mesh(id);
  expect({ state, ...result }).toMatchObject({
    state: 'succeeded',
    watertight: true,
    triangle_count: 12,
    engine: 'boxes',
    engine_version: '2.0',
  });
  expect(result.volume_mm3).toBeCloseTo(width * width, 1);
}

/** What became of the jobs that callbacks have brought, in their order. */
async function applied(): Promise<boolean[]> {
  const ids = engine.told.filter(({ status }) => status === 202).map(({ body }) => (body as { id: string }).id);
  const jobs = await Promise.all(ids.map((id) => platform.acme.finished(id)));
  expect(jobs.every(({ queue, state }) => queue === 'mesh_critical' && state === 'succeeded')).toBe(true);
  return jobs.map(({ result }) => result.applied ?? false);
}

describe('callbacks', () => {
  it('end the job at once, whatever their order and however often they come', async () => {
    const id = await ask();
    const task = await theTask();
    expect(task.callbackUrl).toBe(`${platform.service('gateway').url}/v1/mesh/callbacks/${id}`);
    const asked = () => task.asked;
    expect(await engine.tell(task, 5, { status: 'running', progress: 40 }, { webhookId: 'news-5' })).toBe(202);
    await platform.acme.until(id, ({ progress }) => (progress?.percent ?? 0) >= 30);
    // Told again, it is the same job; older news and those of another task change nothing.
    expect(await engine.tell(task, 5, { status: 'running', progress: 40 }, { webhookId: 'news-5' })).toBe(202);
    expect(engine.told[1]).toEqual(engine.told[0]);
    expect(await engine.tell(task, 4, { status: 'failed', message: 'older' })).toBe(202);
    expect(await engine.tell({ ...task, id: 'somebody-elses' }, 6, { status: 'failed' })).toBe(202);
    const before = asked();
    expect(await engine.tellSuccess(task, 7)).toBe(202);
    await made(id);
    expect(await applied()).toEqual([true, true, false, false, true]);
    expect(asked() - before).toBeLessThanOrEqual(1);
    // Late news find a job that is over.
    expect(await engine.tell(task, 8, { status: 'failed', message: 'late' })).toBe(202);
    expect((await applied()).at(-1)).toBe(false);
    expect(await mesh(id)).toMatchObject({ state: 'succeeded', error: null });
  });

  it('may come before the engine has named its task', async () => {
    engine.tellsAtOnce = true;
    const id = await ask();
    await made(id);
    expect(engine.told.map(({ status }) => status)).toEqual([202]);
    expect(engine.task!.asked).toBe(0);
  });

  it('need a signature of this very body, and a job that is known', async () => {
    const id = await ask();
    const task = await theTask();
    expect(await engine.tellSuccess(task, 1, { secret: 'x'.repeat(64) })).toBe(401);
    const unsigned = await fetch(task.callbackUrl!, { method: 'POST', body: '{}' });
    expect([401, 415]).toContain(unsigned.status);
    const callbackUrl = task.callbackUrl!.replace(id, '00000000-0000-4000-8000-000000000000');
    expect(await engine.tellSuccess({ ...task, callbackUrl }, 1)).toBe(404);
    expect(await engine.tell(task, 1, { status: 'molten' })).toBe(400);
    expect(engine.told.at(-1)!.body).toMatchObject({ errors: [{ path: 'status' }] });
    expect(await platform.acme.job(id)).toMatchObject({ state: 'running' });
    await engine.tellSuccess(task, 1);
    await made(id);
  });
});

it('cancels at the engine what is cancelled here; what it tells then changes nothing', async () => {
  const id = await ask();
  const task = await theTask();
  await platform.acme.running(id);
  expect((await platform.acme.send(`/v1/meshes/${id}/cancel`, { method: 'POST' })).status).toBe(202);
  expect(await platform.acme.finished(id)).toMatchObject({ state: 'cancelled' });
  await waitFor(async () => task.status === 'cancelled', { describe: 'the task to be cancelled' });
  expect(await engine.tellSuccess(task, 9)).toBe(202);
  await applied();
  expect(await mesh(id)).toMatchObject({ state: 'cancelled', files: [] });
});

const cancelled = (task: Task) =>
  waitFor(async () => task.status === 'cancelled', { describe: 'the task to be cancelled' });

it('cancels at the engine what is cancelled while no worker has it', async () => {
  const id = await ask();
  const task = await theTask();
  await platform.acme.running(id);
  await platform.service('mesh').kill('SIGKILL');
  // Its delivery comes back at once, and nobody is there to take it.
  await platform.acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  await attach();
  await cancelled(task);
  expect(await platform.acme.finished(id)).toMatchObject({ state: 'cancelled' });
  const listed = async () => (await platform.acme.send('/v1/meshes?state=cancelled')).body.meshes as { id: string }[];
  await waitFor(async () => (await listed()).some((one) => one.id === id), {
    describe: 'the mesh in the list of the cancelled ones',
  });
  expect(await mesh(id)).toMatchObject({ state: 'cancelled' });
});

it('tells an engine that was away of a cancellation when it is back', async () => {
  const id = await ask();
  const task = await theTask();
  await platform.acme.running(id);
  await engine.close();
  await platform.acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  expect(await platform.acme.finished(id)).toMatchObject({ state: 'cancelled' });
  expect(task.status).toBe('running');
  await engine.open();
  await cancelled(task);
});

it('asks an engine that died and came back, without spending an attempt', async () => {
  const id = await ask();
  const task = await theTask();
  await engine.close();
  await platform.acme.until(id, ({ progress }) => progress?.message === 'The engine does not answer');
  await engine.open();
  task.status = 'succeeded';
  await made(id);
  expect(engine.told).toEqual([]);
  expect(task.asked).toBeGreaterThan(0);
});

it('waits for an engine that cannot take work, without spending an attempt', async () => {
  engine.healthy = false;
  const id = await ask();
  await platform.acme.until(id, ({ state, attempt }) => state === 'scheduled' && attempt === 1);
  expect(engine.tasks.size).toBe(0);
  engine.healthy = true;
  const task = await theTask();
  await engine.tellSuccess(task, 1);
  await made(id);
});

it('goes on with the task of a worker that was killed', async () => {
  const id = await ask();
  const task = await theTask();
  await platform.acme.running(id);
  const worker = platform.service('mesh');
  await worker.kill('SIGKILL');
  expect(await engine.tell(task, 3, { status: 'running', progress: 60 })).toBe(202);
  await attach();
  expect(await engine.tellSuccess(task, 4)).toBe(202);
  const job = await platform.acme.finished(id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(engine.tasks.size).toBe(1);
});
