import type { EntityManager } from 'typeorm';
import { TestLedger } from '../../e2e/test-ledger.js';
import { loadCap, otherLoads, queuedLoads, runningJobs } from './queue-loads.js';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
  await ledger.dataSource.transaction(fill);
  await ledger.dataSource.query(`analyze ledger.jobs`);
}, 240_000);
afterAll(() => ledger?.close());

const crowd = 100_000;

/** Another tenant with a hundred thousand jobs in each state, and ours with three. */
async function fill(tx: EntityManager): Promise<void> {
  await tx.query(`set local statement_timeout = 0`);
  const insert = (tenant: string, count: number, state: string, due: string, blockedOn: string | null = null) =>
    tx.query(
      `insert into ledger.jobs (id, tenant_id, kind, version, queue, state, payload, timeout_ms, traceparent, run_at, due_at,
         blocked_on, worker_id, started_at, dispatched_at)
       select gen_random_uuid(), $1, 'platform.probe', 1, 'probes', $2::ledger.job_state, '', 1000, '', now(),
         case when $3 = '' then null else now() + i * interval '1 millisecond' + $3::interval end, $5, 'w1', now(),
         now() + case $1 when 'acme' then interval '1 second' else interval '2 seconds' end
       from generate_series(1, $4) i`,
      [tenant, state, due, count, blockedOn],
    );
  await insert('crowd', crowd, 'queued', '');
  await insert('crowd', crowd, 'scheduled', '1 hour');
  await insert('crowd', crowd, 'blocked', '', 'dependency');
  await insert('acme', 3, 'queued', '');
  await insert('acme', 3, 'running', '30 seconds');
}

interface Node {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Node[];
}

/** Rows of jobs that a statement has touched. */
async function touched(read: (explained: never) => Promise<unknown>): Promise<number> {
  let rows = 0;
  const count = (node: Node): void => {
    if (node['Relation Name'] === 'jobs')
      rows += (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    for (const child of node.Plans ?? []) count(child);
  };
  const query = async (sql: string, parameters: unknown[]) => {
    const [row] = await ledger.dataSource.query(`explain (analyze, format json) ${sql}`, parameters);
    count(row['QUERY PLAN'][0].Plan);
    return [];
  };
  await read({ query } as never);
  return rows;
}

it('counts the jobs of a tenant beside another with far more, and says when it has not seen all', async () => {
  const { dataSource } = ledger;
  expect(await queuedLoads(dataSource, 'acme', ['probes', 'digests'])).toEqual([
    { queue: 'probes', queued: 3, oldest: expect.any(Date), more: true },
    { queue: 'digests', queued: 0, oldest: null, more: false },
  ]);
  expect(await otherLoads(dataSource, 'acme')).toEqual([{ queue: 'probes', state: 'running', count: 3 }]);
  expect(await runningJobs(dataSource, 'acme')).toHaveLength(3);
  const [load] = await queuedLoads(dataSource, 'crowd', ['probes']);
  expect(load!.queued).toBeGreaterThan(loadCap - 10);
});

it.each(['acme', 'crowd', 'nobody'])('looks at no more jobs than it says, whoever asks: %s', async (tenant) => {
  expect(await touched((db) => queuedLoads(db, tenant, ['probes']))).toBeLessThanOrEqual(loadCap);
  expect(await touched((db) => otherLoads(db, tenant))).toBeLessThanOrEqual(3 * loadCap);
  expect(await touched((db) => runningJobs(db, tenant))).toBeLessThanOrEqual(2 * loadCap);
});
