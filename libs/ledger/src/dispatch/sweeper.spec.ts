import { probeJob, silent, TestLedger } from '../../e2e/test-ledger.js';
import { Sweeper } from './sweeper.js';

let ledger: TestLedger;
let ready: Record<string, number | undefined>;
let nudges = 0;
let sweeper: Sweeper;
const options = {
  readyMessages: async (queue: string) => ready[queue],
  onDispatch: () => (nudges += 1),
  log: silent,
};

beforeAll(async () => {
  ledger = await TestLedger.open();
  sweeper = new Sweeper(ledger.dataSource, options);
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  ready = { probes: 0, default: 0 };
  nudges = 0;
});

async function dispatchedAgo(seconds: number, overrides: Parameters<TestLedger['queued']>[0] = {}): Promise<string> {
  const id = await ledger.queued(overrides);
  await ledger.age(id, seconds, 'dispatched_at');
  return id;
}

it('sends again what the broker should have and has not', async () => {
  const lost = [await dispatchedAgo(60), await dispatchedAgo(60)];
  expect(await sweeper.sweep()).toBe(2);
  expect((await ledger.outbox()).map((row) => row.job_id)).toEqual(lost);
  expect(nudges).toBe(1);
});

it('gives a delivery its time, counted again from every dispatch', async () => {
  await dispatchedAgo(20);
  expect(await sweeper.sweep()).toBe(0);
  const id = await dispatchedAgo(60);
  expect(await sweeper.sweep()).toBe(1);
  await ledger.dataSource.query('delete from ledger.outbox');
  expect(await sweeper.sweep()).toBe(0);
  await ledger.age(id, 31, 'dispatched_at');
  expect(await sweeper.sweep()).toBe(1);
  expect(await new Sweeper(ledger.dataSource, { ...options, patienceMs: 0 }).sweep()).toBe(1);
});

it('leaves alone what is still in the outbox, what the broker holds, and queues it cannot ask about', async () => {
  const [waiting = ''] = await ledger.accept(probeJob());
  await ledger.age(waiting, 60, 'dispatched_at');
  expect(await sweeper.sweep()).toBe(0);
  await dispatchedAgo(60);
  ready.probes = 1;
  expect(await sweeper.sweep()).toBe(0);
  ready.probes = undefined;
  expect(await sweeper.sweep()).toBe(0);
  expect(nudges).toBe(0);
});

it('looks only at queued jobs', async () => {
  for (const state of ['running', 'retrying', 'succeeded', 'dead', 'cancelled', 'scheduled', 'blocked']) {
    const id = await dispatchedAgo(60);
    await ledger.dataSource.query(`update ledger.jobs set state = $2 where id = $1`, [id, state]);
  }
  expect(await sweeper.sweep()).toBe(0);
});

it('judges each queue by itself', async () => {
  await dispatchedAgo(60);
  const other = await dispatchedAgo(60, { kind: 'platform.noop', queue: 'default' });
  ready.probes = 1;
  expect(await sweeper.sweep()).toBe(1);
  expect((await ledger.outbox()).map((row) => row.job_id)).toEqual([other]);
});

it('sends each job once when several sweep at the same time', async () => {
  const ids = await ledger.accept(...Array.from({ length: 300 }, () => probeJob()));
  await ledger.dataSource.query('delete from ledger.outbox');
  await ledger.dataSource.query(`update ledger.jobs set dispatched_at = now() - interval '1 minute'`);
  const other = new Sweeper(await ledger.another(), options);
  const sent = await Promise.all([sweeper.sweep(), other.sweep(), sweeper.sweep()]);
  expect(sent.reduce((sum, n) => sum + n)).toBe(300);
  expect((await ledger.outbox()).map((row) => row.job_id).sort()).toEqual([...ids].sort());
});
