import fc from 'fast-check';
import { LimitBench, failure, success } from '../../e2e/limit-bench.js';
import { TestLedger } from '../../e2e/test-ledger.js';
import { inTransaction } from '../storage/index.js';
import { lockOutbox } from '../dispatch/outbox.js';
import { limitName, limitWait, readLimits, removeLimit, setLimit } from './slot-limits.js';

let ledger: TestLedger;
let bench: LimitBench;

beforeAll(async () => {
  ledger = await TestLedger.open();
  bench = new LimitBench(ledger);
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await ledger.dataSource.query(`delete from ledger.slot_limits`);
});

const limited = (n: number, key = 'a', tenantId = 'acme') =>
  bench.addMany(n, 'platform.probe_limited', { key }, tenantId);

describe('jobs that share a key', () => {
  it('run up to the limit; the others wait in the ledger, first come, first served', async () => {
    const [a = '', b = '', c = '', d = ''] = await limited(4);
    expect(await bench.claim(d, c, b, a)).toEqual([undefined, undefined, 1, 1]);
    expect(await bench.states(a, b, c, d)).toEqual(['running', 'running', 'blocked', 'blocked']);
    expect(await bench.blockedOn(c)).toBe('slot:probe_key|acme|["a"]');
    await bench.report(a, success);
    expect(await bench.states(c, d)).toEqual(['queued', 'blocked']);
    expect(await bench.deliveries()).toEqual([c]);
    const [late = ''] = await limited(1);
    expect(await bench.claim(late)).toEqual([undefined]);
    expect(await bench.claim(c)).toEqual([1]);
    await bench.report(b, success);
    expect(await bench.deliveries()).toEqual([d]);
  });

  it('have their slot at once, however many deliveries wait before theirs', async () => {
    const [a = '', b = '', c = ''] = await limited(3);
    await bench.claim(a, b, c);
    await limited(5);
    await bench.report(a, success);
    const next = await inTransaction(ledger.dataSource, (tx) =>
      lockOutbox(tx, [{ queue: 'probes', tenant_id: 'acme', limit: 1 }], 0),
    );
    expect(next.map(({ id }) => id)).toEqual([c]);
  });

  it('keep a newcomer from overtaking those that wait', async () => {
    const [a = '', b = '', c = ''] = await limited(3);
    await bench.claim(a, b, c);
    await ledger.dataSource.query(`delete from ledger.slot_holds where job_id = $1`, [a]); // a slot is free, c not yet told
    const [late = ''] = await limited(1);
    expect(await bench.claim(late)).toEqual([undefined]);
    await bench.reconciler.reconcile();
    expect(await bench.deliveries()).toEqual([c]);
  });

  it('do not limit those of other keys and other tenants', async () => {
    const mine = await limited(3);
    const others = [...(await limited(2, 'b')), ...(await limited(2, 'a', 'other'))];
    expect(await bench.claim(...mine, ...others)).toEqual([1, 1, undefined, 1, 1, 1, 1]);
  });
});

it('a job needs a slot of every rule of its kind', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 21; i += 1) ids.push(...(await limited(1, `key ${i}`)));
  const granted = await bench.claim(...ids);
  expect(granted.filter(Boolean)).toHaveLength(20);
  expect(await bench.blockedOn(ids[20] as string)).toBe('slot:platform.probe_limited|acme|');
  expect(await bench.holds()).toHaveLength(40);
  await bench.report(ids[0] as string, success);
  expect(await bench.deliveries()).toEqual([ids[20]]);
  expect(await bench.claim(ids[20] as string)).toEqual([1]);
  expect(await bench.holds()).toHaveLength(40);
});

describe('a full key', () => {
  it('makes a yielding job come back later, and one that shares the group across kinds be dropped', async () => {
    const holder = await bench.add('platform.probe_exclusive', { key: 'a' });
    const yielding = await bench.add('platform.probe_yielding', { key: 'a' });
    const dropped = await bench.add('platform.probe_exclusive', { key: 'a' });
    const askedAt = Date.now();
    expect(await bench.claim(holder, yielding, dropped)).toEqual([1, undefined, undefined]);
    const answeredAt = Date.now();
    expect(await bench.states(yielding, dropped)).toEqual(['scheduled', 'cancelled']);
    const { run_at: runAt, failures } = await ledger.job(yielding);
    expect(runAt.getTime()).toBeGreaterThanOrEqual(askedAt + 1_000);
    expect(runAt.getTime()).toBeLessThanOrEqual(answeredAt + 1_000);
    expect(failures).toBe(0);
    await bench.report(holder, success);
    await ledger.age(yielding, 2, 'due_at', 'run_at');
    await bench.timekeeper.handleDue();
    expect(await bench.claim(yielding)).toEqual([1]);
    await bench.report(yielding, success);
    expect(await bench.holds()).toEqual([]);
  });

  it('across tenants is full for all of them', async () => {
    const ids: string[] = [];
    for (const tenant of ['acme', 'other', 'third']) {
      for (const key of ['x', 'y']) ids.push(await bench.add('platform.probe_exclusive', { key }, tenant));
    }
    const granted = await bench.claim(...ids);
    expect(granted).toEqual([1, 1, 1, 1, 1, undefined]);
    expect(await bench.blockedOn(ids[5] as string)).toBe('slot:probe_everywhere|*|');
  });
});

describe('a limit that is changed while jobs run', () => {
  const set = async (name: string, max: number) => {
    await setLimit(ledger.dataSource.manager, 'acme', limitName(name), max);
    await bench.reconciler.wakeAll(limitWait('acme', limitName(name)));
  };

  it('lets more run at once when it is raised', async () => {
    const ids = await limited(5);
    await bench.claim(...ids);
    await set('probe_key', 4);
    expect(await bench.deliveries()).toEqual([ids[2], ids[3]]);
    expect(await bench.claim(...ids.slice(2))).toEqual([1, 1, undefined]);
  });

  it('lets nothing start until enough have ended when it is lowered, and stops everything with 0', async () => {
    const ids = await limited(4);
    await bench.claim(...ids);
    await set('probe_key', 1);
    await bench.report(ids[0] as string, success);
    expect(await bench.deliveries()).toEqual([]);
    await bench.report(ids[1] as string, success);
    expect(await bench.deliveries()).toEqual([ids[2]]);
    await set('probe_key', 0);
    await bench.claim(ids[2] as string);
    await bench.report(ids[2] as string, success);
    expect(await bench.states(ids[3] as string)).toEqual(['blocked']);
    await removeLimit(ledger.dataSource.manager, 'acme', limitName('probe_key'));
    await bench.reconciler.reconcile();
    expect(await bench.deliveries()).toEqual([ids[3]]);
  });

  it('may be that of one key, which outweighs that of the group', async () => {
    await set('probe_key', 1);
    await set('probe_key|["vip"]', 3);
    const [vip, plain, foreign] = [await limited(4, 'vip'), await limited(2, 'b'), await limited(2, 'b', 'other')];
    expect(await bench.claim(...vip)).toEqual([1, 1, 1, undefined]);
    expect(await bench.claim(...plain)).toEqual([1, undefined]);
    expect(await bench.claim(...foreign)).toEqual([1, 1]);
    const shown = await readLimits(ledger.dataSource, 'acme');
    expect(shown.find((limit) => limit.name === 'probe_key')).toMatchObject({ own: 1, running: 4, waiting: 2 });
    expect(shown.find((limit) => limit.name === 'probe_key|["vip"]')).toMatchObject({ own: 3, running: 3, waiting: 1 });
  });
});

describe('a slot becomes free', () => {
  it('when its job is cancelled while it waits to be delivered or has been told to stop', async () => {
    const [a = '', b = '', c = '', d = ''] = await limited(4);
    await bench.claim(a, b, c, d);
    await bench.report(a, success);
    await bench.cancellation.cancel('acme', c); // its slot was kept for it
    expect(await bench.states(c, d)).toEqual(['cancelled', 'queued']);
    await bench.cancellation.cancel('acme', b);
    expect((await bench.holds()).filter((hold) => hold.job_id === b)).toHaveLength(2);
    await bench.report(b, { $case: 'cancelled', value: {} });
    expect((await bench.holds()).map((hold) => hold.job_id)).toEqual([d]);
  });

  it('and cancelling one that waits takes nothing from the others', async () => {
    const [a = '', b = '', c = '', d = ''] = await limited(4);
    await bench.claim(a, b, c, d);
    await bench.cancellation.cancel('acme', c);
    expect(await bench.states(a, b, c, d)).toEqual(['running', 'running', 'cancelled', 'blocked']);
    await bench.report(a, success);
    expect(await bench.deliveries()).toEqual([d]);
  });

  it('while its job waits for another try', async () => {
    const [a = '', b = '', c = ''] = await limited(3);
    await bench.claim(a, b, c);
    await bench.report(a, failure());
    expect(await bench.states(a, c)).toEqual(['retrying', 'queued']);
    await bench.claim(c);
    await ledger.age(a, 10, 'run_at');
    expect(await bench.claim(a)).toEqual([undefined]);
    await bench.report(c, success);
    expect(await bench.claim(a)).toEqual([2]);
  });

  it('when its job snoozes, is discarded or dies', async () => {
    const [a = '', b = '', ...rest] = await limited(5);
    await bench.claim(a, b, ...rest);
    const delay = { seconds: 60, nanos: 0 };
    await bench.report(a, { $case: 'snoozed', value: { delay, reason: 'x' } });
    await bench.report(b, { $case: 'discarded', value: { reason: 'x' } });
    expect(await bench.states(...rest)).toEqual(['queued', 'queued', 'blocked']);
    await bench.claim(...rest.slice(0, 2));
    await bench.report(rest[0] as string, failure(false));
    expect(await bench.states(...rest)).toEqual(['dead', 'running', 'queued']);
  });

  const crash = async (id: string) => {
    await ledger.age(id, 60, 'lease_until', 'due_at');
    await bench.timekeeper.handleDue();
  };

  it('when its worker disappears and the job does not run again at once', async () => {
    const [a = '', b = '', c = '', d = ''] = await limited(4);
    await bench.claim(a, b, c, d);
    await crash(a);
    expect(await bench.states(a, c)).toEqual(['queued', 'blocked']); // the slot is kept for its next run
    expect(await bench.claim(a)).toEqual([2]);
    await crash(a);
    expect(await bench.states(a, c)).toEqual(['scheduled', 'queued']); // it comes back later, somebody else's turn
    await bench.claim(c);
    await ledger.age(a, 60, 'due_at', 'run_at');
    await bench.timekeeper.handleDue();
    expect(await bench.claim(a)).toEqual([undefined]);
    await bench.report(c, success);
    expect(await bench.claim(a)).toEqual([3]); // older than d, so before it
    await ledger.dataSource.query(`update ledger.jobs set crashes = 4 where id = $1`, [a]);
    await crash(a);
    expect(await bench.states(a, d)).toEqual(['dead', 'queued']); // taken for the cause
  });

  it('when somebody has removed a row by hand', async () => {
    const [a = '', b = '', c = ''] = await limited(3);
    await bench.claim(a, b, c);
    await ledger.dataSource.query(`update ledger.jobs set state = 'dead' where id = $1`, [a]);
    await bench.reconciler.reconcile();
    expect(await bench.deliveries()).toEqual([c]);
  });
});

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
  } else await bench.report(id, success);
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
        i % 2 === round % 2 || running.length < 3 ? workers[i % 3]!.report(row.id, success) : undefined,
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
