import { waitFor } from '@roundhouse/testing';
import { gear } from '../apps/mesh/e2e/drawn-images.js';
import { MeshClient } from './mesh/mesh-client.js';
import { startPlatform, type Platform } from './platform/platform.js';

/** 10,000 are the most a batch takes; they take minutes. */
const many = Number(process.env.ROUNDHOUSE_TEST_BATCH_IMAGES ?? 300);

let platform: Platform;
let meshes: MeshClient;
let storageKey: string;

beforeAll(async () => {
  platform = await startPlatform({ workers: 0, meshWorkers: 2, gateways: 2 });
  meshes = new MeshClient(() => platform.service('gateway2').url, platform.acme.key);
  storageKey = await meshes.upload(['gear.png', await gear(64)]);
});
afterAll(() => platform?.stop());

const one = async <T>(sql: string, parameters: unknown[] = []): Promise<T> =>
  (await platform.ledger.query<T[]>(sql, parameters))[0]!;

/** The ledger's jobs of a batch, its own left out, by state. */
const jobStates = async (jobs: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await platform.ledger.query<{ state: string; n: number }[]>(
        `select state, count(*)::integer as n from ledger.jobs where batch_id = $1 and kind = 'mesh.generate' group by state`,
        [jobs],
      )
    ).map(({ state, n }) => [state, n]),
  );

const ownJob = async (jobs: string): Promise<string> =>
  (await one<{ id: string }>(`select id from ledger.jobs where batch_id = $1 and kind = 'mesh.generate_batch'`, [jobs]))
    .id;

it(
  `makes ${many} meshes, one job each, though gateway and worker are killed while they are sent out`,
  async () => {
    const id = await meshes.batchOf(storageKey, many, { concurrency: 10 });
    const { jobs } = await meshes.batchIn(id, ['running', 'finished']);
    const worker = platform.workerOf(await platform.acme.job(await ownJob(jobs)));
    await platform.service('gateway').kill('SIGKILL');
    await worker.service.kill('SIGKILL');
    await Promise.all([platform.launch('gateway'), platform.launch(worker.name)]);
    const batch = await meshes.batchOver(id, 240_000 + many * 200);
    expect(batch).toMatchObject({ state: 'finished', total: many, completed: many, failed: 0, percent: 100 });
    await platform.acme.finished(await ownJob(jobs));
    expect(await jobStates(jobs)).toEqual({ succeeded: many });
    const files = await one<{ n: number; meshes: number }>(
      `select count(*)::integer as n, count(distinct f.mesh_id)::integer as meshes
       from mesh.files f join mesh.meshes m on m.id = f.mesh_id where m.batch_id = $1 and f.format <> 'thumbnail'`,
      [id],
    );
    expect(files).toEqual({ n: 2 * many, meshes: many });
  },
  300_000 + many * 250,
);

it('runs two batches and ten meshes at once, whatever there is, and forgets the limits of batches that are over', async () => {
  const ids = await Promise.all([60, 60, 60].map((n) => meshes.batchOf(storageKey, n, { concurrency: 8 })));
  const most = { 'mesh.generate': 0, 'mesh.generate_batch': 0 };
  await waitFor(
    async () => {
      const rows = await platform.ledger.query<{ kind: keyof typeof most; n: number }[]>(
        `select kind, count(*)::integer as n from ledger.jobs where state = 'running' and kind in ('mesh.generate', 'mesh.generate_batch')
          group by kind`,
      );
      for (const { kind, n } of rows) most[kind] = Math.max(most[kind], n);
      const open = `select count(*)::integer as n from mesh.batches where id = any($1::uuid[]) and state <> 'finished'`;
      return (await one<{ n: number }>(open, [ids])).n === 0;
    },
    { timeoutMs: 180_000, intervalMs: 5, describe: 'three batches to be over' },
  );
  expect(most['mesh.generate_batch']).toBe(2);
  // Two batches of eight: more than ten would be at work if only their own limits held.
  expect(most['mesh.generate']).toBeGreaterThan(8);
  expect(most['mesh.generate']).toBeLessThanOrEqual(10);
  const limits = `select count(*)::integer as n from ledger.slot_limits where name like 'mesh.batch|%'`;
  await waitFor(async () => (await one<{ n: number }>(limits)).n === 0, {
    describe: 'limits to go',
  });
}, 240_000);

it('ends when meshes are removed, or cancelled as jobs', async () => {
  const id = await meshes.batchOf(storageKey, 40, { concurrency: 1 });
  const { jobs } = await meshes.batchIn(id, ['running']);
  // Those that wait go on waiting until they are cancelled, however fast the others are.
  const admin = await platform.clientOf('acme', 'admin');
  const pause = { scope: 'kind', value: 'mesh.generate', reason: 'some are cancelled' };
  expect((await admin.send('/v1/pauses', { method: 'POST', body: pause })).status).toBe(200);
  const waiting = await waitFor(
    async () => {
      const rows = await platform.ledger.query<{ id: string; job_id: string }[]>(
        `select m.id, m.job_id from mesh.meshes m join ledger.jobs j on j.id = m.job_id
          where m.batch_id = $1 and m.state = 'queued' and j.state in ('queued', 'blocked') order by m.position desc limit 4`,
        [id],
      );
      return rows.length === 4 && rows;
    },
    { describe: 'jobs that wait' },
  );
  const [removed, ...cancelled] = waiting;
  await meshes.call('DELETE', `/v1/meshes/${removed!.id}`);
  for (const { job_id: job } of cancelled) await meshes.call('POST', `/v1/jobs/${job}/cancel`);
  expect((await admin.send('/v1/pauses/kind/mesh.generate', { method: 'DELETE' })).status).toBe(204);
  expect(await meshes.batchOver(id)).toMatchObject({
    state: 'finished',
    total: 40,
    completed: 36,
    cancelled: 3,
    percent: 100,
  });
  expect(await jobStates(jobs)).toEqual({ succeeded: 36, cancelled: 4 });
});

it('is cancelled when its own job is, be it before its turn or after', async () => {
  const ids = [];
  for (let i = 0; i < 3; i += 1) ids.push(await meshes.batchOf(storageKey, 100, { concurrency: 1 }));
  const running = await meshes.batchIn(ids[0]!, ['running']);
  const waiting = await meshes.call('GET', `/v1/mesh-batches/${ids[2]}`);
  expect(waiting.state).toBe('waiting');
  for (const { jobs } of [waiting, running]) await meshes.call('POST', `/v1/jobs/${await ownJob(jobs)}/cancel`);
  expect(await meshes.batchOver(ids[2]!)).toMatchObject({ state: 'cancelled', completed: 0, cancelled: 100 });
  expect(await meshes.batchOver(ids[0]!)).toMatchObject({ state: 'cancelled', total: 100 });
  const { retried } = await meshes.call('POST', `/v1/mesh-batches/${ids[2]}/retry`);
  expect(retried).toBe(100);
  for (const id of ids.slice(1))
    expect(await meshes.batchOver(id)).toMatchObject({ state: 'finished', completed: 100, cancelled: 0 });
}, 240_000);

it('is cancelled as a whole, and the next one has its turn', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 3; i += 1) ids.push(await meshes.batchOf(storageKey, 300, { concurrency: 1 }));
  const [first, second, third] = ids as [string, string, string];
  await Promise.all([first, second].map((id) => meshes.batchIn(id, ['running'])));
  expect((await meshes.call('GET', `/v1/mesh-batches/${third}`)).state).toBe('waiting');
  const { state, jobs } = await meshes.call('POST', `/v1/mesh-batches/${first}/cancel`);
  expect(state).toBe('cancelled');
  await meshes.batchIn(third, ['running']);
  for (const id of [second, third]) await meshes.call('POST', `/v1/mesh-batches/${id}/cancel`);
  await waitFor(
    async () => {
      const { running, pending } = await meshes.call('GET', `/v1/batches/${jobs}`);
      return running === 0 && pending === 0;
    },
    { describe: 'its jobs to be cancelled' },
  );
  const { completed, cancelled } = await meshes.call('GET', `/v1/mesh-batches/${first}`);
  expect(completed + cancelled).toBe(300);
});
