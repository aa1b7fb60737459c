import { waitFor } from '@roundhouse/testing';
import { LimitBench } from '../../e2e/limit-bench.js';
import { success } from '../../e2e/outcome-events.js';
import { TestLedger } from '../../e2e/test-ledger.js';
import { inTransaction } from '../storage/index.js';
import { pauseBucket, readBuckets, setRate } from './rate-buckets.js';

let ledger: TestLedger;
let bench: LimitBench;
const key = 'probe_provider|acme'; // by the contract 10 a second, 5 at once

beforeAll(async () => {
  ledger = await TestLedger.open();
  bench = new LimitBench(ledger);
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await ledger.dataSource.query(`delete from ledger.rate_buckets`);
});

const rated = (n: number, tenantId = 'acme') => bench.addMany(n, 'platform.probe_rated', {}, tenantId);
const setTo = (perSecond: number, burst: number) => setRate(ledger.dataSource.manager, key, { perSecond, burst });
const silence = (forMs: number) =>
  inTransaction(ledger.dataSource, (tx) => pauseBucket(tx, key, { perSecond: 10, burst: 5 }, forMs));

/** The order and the times, in ms, at which all of them are granted, with everything that moves jobs running. */
async function runAll(ids: string[], benches: LimitBench[] = [bench]): Promise<{ id: string; at: number }[]> {
  let deliveries = ids;
  await waitFor(
    async () => {
      const shares = benches.map((_b, i) => deliveries.filter((_id, j) => j % benches.length === i));
      await Promise.all(benches.map((b, i) => (shares[i]!.length > 0 ? b.claim(...shares[i]!) : undefined)));
      await Promise.all(benches.map((b) => b.reconciler.reconcile()));
      await bench.timekeeper.handleDue();
      deliveries = await bench.deliveries();
      const open = (await ledger.jobs()).filter((row) => ids.includes(row.id) && row.started_at === null);
      return open.length === 0;
    },
    { describe: 'all jobs to be granted', intervalMs: 10 },
  );
  const started = (await ledger.jobs()).filter((row) => ids.includes(row.id));
  return started
    .map(({ id, started_at: at }) => ({ id, at: at?.getTime() as number }))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

function expectPaced(granted: { at: number }[], perSecond: number, burst: number): void {
  for (let i = 0; i < granted.length; i += 1) {
    for (let j = i; j < granted.length; j += 1) {
      const window = (granted[j]!.at - granted[i]!.at) / 1000;
      expect(j - i + 1).toBeLessThanOrEqual(burst + perSecond * (window + 0.005));
    }
  }
}

it('grants a burst at once; the others wait without a worker and without a cost', async () => {
  await setTo(0.1, 5); // so slow that no token comes while this is looked at
  const ids = await rated(8);
  const granted = await bench.claim(...ids);
  expect(granted).toEqual([1, 1, 1, 1, 1, undefined, undefined, undefined]);
  expect(await bench.states(...ids.slice(5))).toEqual(['blocked', 'blocked', 'blocked']);
  expect(await bench.blockedOn(ids[5] as string)).toBe(`token:${key}`);
  expect(await ledger.job(ids[5] as string)).toMatchObject({ attempt: 0, failures: 0 });
  const others = await rated(2, 'other');
  expect(await bench.claim(...others)).toEqual([1, 1]);
});

it('never grants more than burst + rate × time, first come, first served', async () => {
  const ids = await rated(30);
  const granted = await runAll(ids);
  expectPaced(granted, 10, 5);
  expect(granted.map((g) => g.id)).toEqual(ids);
  const seconds = (granted.at(-1)!.at - granted[0]!.at) / 1000;
  expect(seconds).toBeLessThan(15); // 25 tokens after the burst take 2.5 s
});

it('never grants more from several gateways that are asked at the same time', async () => {
  const ids = await rated(30);
  const granted = await runAll(ids, [bench, new LimitBench(ledger, await ledger.another())]);
  expectPaced(granted, 10, 5);
  expect(new Set(granted.map((g) => g.id)).size).toBe(30);
});

it('keeps a newcomer from overtaking those that wait', async () => {
  await setTo(1, 1);
  const ids = await rated(4);
  await bench.claim(...ids);
  await setTo(1_000, 100);
  const [late = ''] = await rated(1);
  expect(await bench.claim(late)).toEqual([undefined]);
});

it('keeps a token for the job it was set aside for, though others come', async () => {
  await setTo(5, 1);
  const [a = '', b = ''] = await rated(2);
  await bench.claim(a, b);
  const due = (await ledger.job(b)).due_at as Date;
  expect(due.getTime() - Date.now()).toBeLessThan(250);
  const crowd = await rated(3);
  await bench.claim(...crowd);
  const granted = await runAll([b, ...crowd]);
  expect(granted[0]?.id).toBe(b);
  expectPaced(granted, 5, 1);
});

it('is slowed down and sped up at once, also for those that wait already', async () => {
  await setTo(0.1, 1);
  const ids = await rated(20);
  await bench.claim(...ids);
  await setTo(200, 10);
  const start = Date.now();
  await runAll(ids);
  expect(Date.now() - start).toBeLessThan(45_000); // at the rate that was set before, three minutes
  const [bucket] = await readBuckets(ledger.dataSource, 'acme');
  expect(bucket).toMatchObject({ key, perSecond: 200, burst: 10, overridden: true, waiting: 0 });
  await setRate(ledger.dataSource.manager, key, undefined);
  expect((await readBuckets(ledger.dataSource, 'acme'))[0]).toMatchObject({
    perSecond: 10,
    burst: 5,
    overridden: false,
  });
  expect(await readBuckets(ledger.dataSource, 'other')).toEqual([]);
});

it('follows the contract as long as nobody has set it', async () => {
  await ledger.dataSource.query(
    `insert into ledger.rate_buckets (key, per_second, burst, full_at) values ($1, 3, 1, now())`,
    [key],
  );
  await bench.claim(...(await rated(1)));
  expect((await readBuckets(ledger.dataSource, 'acme'))[0]).toMatchObject({ perSecond: 10, burst: 5 });
});

describe("a provider's 429", () => {
  const throttled = (retryAfterMs: number, bucket = '') => ({
    $case: 'throttled' as const,
    value: { bucket, retryAfter: { seconds: Math.floor(retryAfterMs / 1000), nanos: (retryAfterMs % 1000) * 1e6 } },
  });

  it('stops the bucket for everybody, costs no attempt, and afterwards the jobs come one by one, oldest first', async () => {
    const ids = await rated(12);
    await bench.claim(...ids);
    const retryAt = Date.now() + 900;
    await bench.report(ids[0] as string, throttled(900));
    expect(await ledger.job(ids[0] as string)).toMatchObject({ state: 'blocked', failures: 0, crashes: 0 });
    for (const id of ids.slice(1, 5)) await bench.report(id, success());
    await ledger.dataSource.query(`update ledger.jobs set started_at = null where id = $1`, [ids[0]]);
    const waiting = [ids[0] as string, ...ids.slice(5)];
    const granted = await runAll(waiting);
    expect(granted[0]!.at).toBeGreaterThanOrEqual(retryAt - 5);
    // None comes before its token, though one that comes late does not hold the next one up.
    granted.forEach(({ at }, i) => expect(at).toBeGreaterThanOrEqual(retryAt + i * 100 - 5));
    expect(granted.map((g) => g.id)).toEqual(waiting);
    expect((await ledger.job(ids[0] as string)).failures).toBe(0);
  });

  it('voids the tokens that were set aside', async () => {
    await setTo(10, 1);
    const ids = await rated(6);
    await bench.claim(...ids); // the first runs, the next ones know their time
    const until = Date.now() + 1_500;
    await silence(1_500);
    const granted = await runAll(ids.slice(1));
    granted.forEach(({ at }, i) => expect(at).toBeGreaterThanOrEqual(until + i * 100 - 20));
  });

  it('that is shorter than the silence under way changes nothing, a longer one does', async () => {
    await silence(5_000);
    await silence(1_000);
    const at = async () => (await readBuckets(ledger.dataSource, 'acme'))[0]!;
    const first = await at();
    expect(first.pausedUntil! - first.now).toBeGreaterThan(4_000);
    await silence(9_000);
    expect((await at()).pausedUntil! - first.pausedUntil!).toBeGreaterThan(3_000);
    const [id = ''] = await rated(1);
    expect(await bench.claim(id)).toEqual([undefined]);
    expect((await at()).waiting).toBe(1);
  });

  it('is believed from an attempt that is no longer the current one, but moves only the current one', async () => {
    const [id = ''] = await rated(1);
    await bench.claim(id);
    await bench.report(id, success());
    await bench.report(id, throttled(60_000));
    expect((await ledger.job(id)).state).toBe('succeeded');
    expect(await bench.claim(...(await rated(1)))).toEqual([undefined]);
  });

  it('may be said ahead of time: nothing is left until the reset', async () => {
    const [id = '', next = ''] = await rated(2);
    await bench.claim(id);
    const feedback = (remaining: number) => ({
      $case: 'rateFeedback' as const,
      value: { bucket: '', remaining, resetAfter: { seconds: 60, nanos: 0 } },
    });
    await bench.report(id, feedback(3));
    expect((await readBuckets(ledger.dataSource, 'acme'))[0]?.pausedUntil).toBeUndefined();
    await bench.report(id, feedback(0));
    expect((await ledger.job(id)).state).toBe('running');
    expect(await bench.claim(next)).toEqual([undefined]);
  });
});

it('a worker that asks again because it missed the answer gets the same job without another token', async () => {
  await setTo(1, 1);
  const [id = ''] = await rated(1);
  expect(await bench.claim(id)).toEqual([1]);
  expect(await bench.claim(id)).toEqual([2]);
});
