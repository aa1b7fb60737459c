import type { JobState } from '@roundhouse/jobs';
import { TestLedger } from '../../e2e/test-ledger.js';
import { JobMeter } from './job-meter.js';
import { forgetStatistics, readStatistics } from './job-statistics.js';
import { percentile } from './latency-histogram.js';
import type { ChangedJob, JobMove } from '../transitions/index.js';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());

const now = Date.now();

function moved(from: JobState, to: JobState, more: Partial<JobMove> = {}): ChangedJob {
  const times = to === 'running' ? { waitedMs: 100 } : to === 'succeeded' ? { ranMs: 400 } : {};
  return {
    id: 'x',
    batchId: null,
    move: { tenantId: 'acme', kind: 'platform.probe', queue: 'probes', from, to, ...times, ...more },
  };
}

const sums = async () => {
  const rows = await readStatistics(ledger.dataSource, 'acme', new Date(now - 600_000));
  const sum = (name: 'started' | 'succeeded' | 'failed' | 'dead' | 'cancelled') =>
    rows.reduce((total, row) => total + row[name], 0);
  return { rows, started: sum('started'), succeeded: sum('succeeded'), failed: sum('failed'), dead: sum('dead') };
};

it('adds what several processes count, and nothing for what does not change state', async () => {
  const failures: unknown[] = [];
  const meters = [1, 2].map(() => new JobMeter(ledger.dataSource, (error) => failures.push(error)));
  for (const meter of meters) {
    meter.record([moved('queued', 'running'), { id: 'y', batchId: null }]);
    meter.record([moved('running', 'succeeded'), moved('running', 'retrying'), moved('running', 'dead')]);
    meter.record([moved('queued', 'running', { tenantId: 'globex' })]);
  }
  await Promise.all(meters.map((meter) => meter.flush()));
  const { rows, ...counts } = await sums();
  expect(failures).toEqual([]);
  expect(counts).toEqual({ started: 2, succeeded: 2, failed: 4, dead: 2 });
  const waits = rows.map((row) => percentile(row.waits, 0.5)).find((ms) => ms !== null) as number;
  const runs = rows.map((row) => percentile(row.runs, 0.5)).find((ms) => ms !== null) as number;
  expect(Math.abs(waits - 100) / 100).toBeLessThan(0.34);
  expect(Math.abs(runs - 400) / 400).toBeLessThan(0.34);
});

it('keeps what could not be written, and forgets what is old', async () => {
  const before = (await sums()).started;
  let away = true;
  const source = {
    query: (...args: [string]) => (away ? Promise.reject(new Error('away')) : ledger.dataSource.query(...args)),
  };
  const failures: unknown[] = [];
  const meter = new JobMeter(source as never, (error) => failures.push(error));
  meter.record([moved('queued', 'running')]);
  await meter.flush();
  expect(failures).toHaveLength(1);
  away = false;
  meter.record([moved('queued', 'running')]);
  await meter.stop();
  expect((await sums()).started).toBe(before + 2);
  await ledger.dataSource.query(
    `update ledger.job_statistics set minute = minute - interval '3 days' where tenant_id = 'globex'`,
  );
  await forgetStatistics(ledger.dataSource);
  expect(await readStatistics(ledger.dataSource, 'globex', new Date(0))).toEqual([]);
});
