import fc from 'fast-check';
import { LimitBench } from '../../e2e/limit-bench.js';
import { failure, success } from '../../e2e/outcome-events.js';
import { TestLedger } from '../../e2e/test-ledger.js';

let ledger: TestLedger;
let bench: LimitBench;

beforeAll(async () => {
  ledger = await TestLedger.open();
  bench = new LimitBench(ledger);
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

/** More running than allowed, or a slot that is held by somebody who has no use for it. */
async function violations(): Promise<unknown[]> {
  return ledger.dataSource.query(
    `select k.key, count(*)::integer as running from ledger.jobs j, unnest(j.slot_keys) as k(key) where j.state = 'running'
     group by k.key
     having count(*) > case split_part(k.key, '|', 1) when 'probe_key' then 2 when 'platform.probe_limited' then 20 when 'probe_everywhere' then 5 else 1 end
     union all
     select h.key, 0 from ledger.slot_holds h join ledger.jobs j on j.id = h.job_id where j.state not in ('running', 'queued')`,
  );
}

type Kind = 'platform.probe_limited' | 'platform.probe_yielding' | 'platform.probe_exclusive';

async function settle(id: string, how: string): Promise<void> {
  if (how === 'fail') await bench.report(id, failure());
  else if (how === 'snooze') await bench.report(id, { $case: 'snoozed', value: { delay: undefined, reason: '' } });
  else if (how === 'release') await bench.report(id, { $case: 'released', value: { reason: 1 } });
  else if (how === 'cancel') {
    await bench.cancellation.cancel('acme', id);
    await bench.report(id, { $case: 'cancelled', value: {} });
  } else if (how === 'crash') {
    await ledger.age(id, 60, 'lease_until', 'due_at');
    await bench.timekeeper.handleDue();
  } else await bench.report(id, success());
}

async function makeDue(): Promise<void> {
  await ledger.dataSource.query(
    `update ledger.jobs set run_at = now() - interval '1 minute', due_at = now() - interval '1 minute' where state in ('scheduled', 'retrying')`,
  );
  while ((await bench.timekeeper.handleDue()) > 0);
}

it('never lets more run than allowed, leaks no slot and lets every job finish, whatever happens', async () => {
  const job = fc.record({
    kind: fc.constantFrom<Kind>('platform.probe_limited', 'platform.probe_yielding', 'platform.probe_exclusive'),
    key: fc.constantFrom('a', 'b'),
  });
  const ends = fc.constantFrom('succeed', 'succeed', 'succeed', 'fail', 'snooze', 'release', 'cancel', 'crash');
  await fc.assert(
    fc.asyncProperty(
      fc.array(job, { minLength: 3, maxLength: 14 }),
      fc.array(fc.tuple(fc.nat(), ends), { minLength: 60, maxLength: 60 }),
      async (jobs, ending) => {
        await ledger.clear();
        for (const { kind, key } of jobs) await bench.add(kind, { key });
        const script = ending.values();
        let deliveries = (await ledger.jobs()).map((row) => row.id);
        for (let round = 0; round < 200; round += 1) {
          if (deliveries.length > 0) await bench.claim(...deliveries);
          expect(await violations()).toEqual([]);
          const running = (await ledger.jobs()).filter((row) => row.state === 'running');
          const [pick, how] = script.next().value ?? [0, 'succeed'];
          const chosen = running[pick % Math.max(1, running.length)];
          if (chosen) await settle(chosen.id, how);
          expect(await violations()).toEqual([]);
          await makeDue();
          deliveries = await bench.deliveries();
          if (!chosen && deliveries.length === 0) break;
        }
        const open = (await ledger.jobs()).filter((row) => !['succeeded', 'dead', 'cancelled'].includes(row.state));
        expect(open.map(({ id, state }) => [id, state])).toEqual([]);
        expect(await bench.holds()).toEqual([]);
      },
    ),
    { numRuns: 12 },
  );
});

it('withstands many claims and outcomes at the same time', async () => {
  const sources = [await ledger.another(), await ledger.another(), await ledger.another()];
  const workers = sources.map((source) => new LimitBench(ledger, source));
  for (let i = 0; i < 60; i += 1) {
    await bench.add(i % 3 === 0 ? 'platform.probe_exclusive' : 'platform.probe_limited', { key: `${i % 4}` });
  }
  let deliveries = (await ledger.jobs()).map((row) => row.id);
  let most = 0;
  for (let round = 0; round < 200; round += 1) {
    const shares = workers.map((_, w) => deliveries.filter((_id, i) => i % workers.length === w));
    // The same jobs in different orders, from several processes, while others report.
    await Promise.all(workers.map((worker, w) => worker.claims.answer([claims(shares[w] ?? [])])));
    const running = (await ledger.jobs()).filter((row) => row.state === 'running');
    most = Math.max(most, running.length);
    expect(await violations()).toEqual([]);
    await Promise.all(
      running.map((row, i) =>
        i % 2 === round % 2 || running.length < 3 ? workers[i % 3]!.report(row.id, success()) : undefined,
      ),
    );
    await Promise.all([...workers.map((worker) => worker.reconciler.reconcile()), bench.timekeeper.handleDue()]);
    deliveries = await bench.deliveries();
    if (running.length === 0 && deliveries.length === 0) break;
  }
  const states = new Set((await ledger.jobs()).map((row) => row.state));
  expect([...states].sort()).toEqual(['cancelled', 'succeeded']);
  expect(most).toBeGreaterThan(5);
  expect(await bench.holds()).toEqual([]);
  const [database] = await ledger.dataSource.query<{ deadlocks: string }[]>(
    `select deadlocks::text from pg_stat_database where datname = current_database()`,
  );
  expect(database?.deadlocks).toBe('0');
});

function claims(ids: string[]) {
  const shuffled = ids.map((id) => [Math.random(), id] as const).sort(([a], [b]) => a - b);
  return {
    workerId: 'w1',
    claims: shuffled.map(([, jobId]) => ({
      jobId,
      redelivered: false,
      unsupported: false,
      traceparent: '',
      dispatchedAt: undefined,
    })),
  };
}
