import { ErrorCode } from '@roundhouse/contracts';
import { renderMetrics, startMetrics, stopMetrics } from '@roundhouse/telemetry';
import { RedriveBench } from '../../e2e/redrive-bench.js';
import { observeLedger } from '../figures/index.js';
import { deadGroups } from './dead-groups.js';
import { failingGroups } from './failing-groups.js';

let bench: RedriveBench;
beforeAll(async () => {
  bench = await RedriveBench.open();
});
afterAll(() => bench?.close());
beforeEach(() => bench.clear());

const groupsOf = (filter = {}, tenant = 'acme') => failingGroups(bench.ledger.dataSource, tenant, filter, 10);
const runs = (overrides = {}) => ({ retry: { backoff: 'fixed' as const, delaysMs: [600_000] }, ...overrides });

describe('groups of failing attempts', () => {
  it('are one for each cause, with its size, since when, the next try and a sample', async () => {
    const before = new Date();
    const ids = await bench.failing(3, 'no answer from host 17', runs());
    await bench.failing(1, 'out of paper', runs({ queue: 'other' }));
    await bench.ledger.queued();
    await bench.dead(1, 'no answer from host 18');
    const groups = await groupsOf();
    expect(groups).toMatchObject([
      {
        kind: 'platform.probe',
        code: 'UNAVAILABLE',
        queues: ['probes'],
        count: 3,
        most_failures: 1,
        sample_job_id: ids.at(-1),
        sample_message: 'no answer from host 17',
      },
      { count: 1, queues: ['other'], sample_message: 'out of paper' },
    ]);
    expect(groups[0]!.since.getTime()).toBeGreaterThanOrEqual(before.getTime() - 5);
    expect(groups[0]!.next_try.getTime()).toBeGreaterThan(before.getTime() + 60_000);
    expect(await groupsOf({}, 'globex')).toEqual([]);
    for (const filter of [{ code: 'UNAVAILABLE', queue: 'other' }, { fingerprint: groups[1]!.fingerprint as string }])
      expect(await groupsOf(filter)).toMatchObject([{ sample_message: 'out of paper' }]);
    expect(await groupsOf({ kind: 'platform.noop' })).toEqual([]);
  });

  it('bear the fingerprint that their deaths will have, and are gone when they succeed', async () => {
    const [dies, lives] = await bench.failing(2, 'no answer', runs());
    const [{ fingerprint } = { fingerprint: null }] = await groupsOf();
    await bench.ledger.dataSource.query(
      `update ledger.jobs set state = 'queued', due_at = null where state = 'retrying'`,
    );
    await bench.run([dies as string], { dies: 'no answer', code: ErrorCode.UNAVAILABLE });
    await bench.run([lives as string]);
    expect(await deadGroups(bench.ledger.dataSource, 'acme', {}, { limit: 2, discarded: false })).toMatchObject([
      { fingerprint, count: 1 },
    ]);
    expect(await groupsOf()).toEqual([]);
  });

  it('are counted for the alert, those of a muted cause apart', async () => {
    startMetrics();
    try {
      observeLedger(bench.ledger.dataSource);
      await bench.failing(3, 'no answer', runs());
      await bench.failing(2, 'out of paper', runs());
      const [, paper] = await groupsOf();
      await bench.ledger.dataSource.query(
        `insert into ledger.failure_marks (tenant_id, fingerprint, muted_at, muted_by, mute_reason) values ('acme', $1, now(), 'x', 'y')`,
        [paper!.fingerprint],
      );
      const lines = (await renderMetrics()).split('\n').filter((line) => line.startsWith('roundhouse_jobs_failing{'));
      const labels = 'kind="platform.probe",queue="probes",reason="UNAVAILABLE"';
      expect(lines.sort()).toEqual([
        `roundhouse_jobs_failing{${labels},muted="false"} 3`,
        `roundhouse_jobs_failing{${labels},muted="true"} 2`,
      ]);
    } finally {
      await stopMetrics();
    }
  });
});
