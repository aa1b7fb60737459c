import { LimitBench } from '../../e2e/limit-bench.js';
import { death, failure, success } from '../../e2e/outcome-events.js';
import { TestLedger } from '../../e2e/test-ledger.js';
import { inTransaction } from '../storage/index.js';
import { lockOutbox } from '../dispatch/outbox.js';

let ledger: TestLedger;
let bench: LimitBench;

beforeAll(async () => {
  ledger = await TestLedger.open();
  bench = new LimitBench(ledger);
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

const limited = (n: number, key = 'a', tenantId = 'acme') =>
  bench.addMany(n, 'platform.probe_limited', { key }, tenantId);

describe('jobs that share a key', () => {
  it('run up to the limit; the others wait in the ledger, first come, first served', async () => {
    const [a = '', b = '', c = '', d = ''] = await limited(4);
    expect(await bench.claim(d, c, b, a)).toEqual([undefined, undefined, 1, 1]);
    expect(await bench.states(a, b, c, d)).toEqual(['running', 'running', 'blocked', 'blocked']);
    expect(await bench.blockedOn(c)).toBe('slot:probe_key|acme|["a"]');
    await bench.report(a, success());
    expect(await bench.states(c, d)).toEqual(['queued', 'blocked']);
    expect(await bench.deliveries()).toEqual([c]);
    const [late = ''] = await limited(1);
    expect(await bench.claim(late)).toEqual([undefined]);
    expect(await bench.claim(c)).toEqual([1]);
    await bench.report(b, success());
    expect(await bench.deliveries()).toEqual([d]);
  });

  it('have their slot at once, however many deliveries wait before theirs', async () => {
    const [a = '', b = '', c = ''] = await limited(3);
    await bench.claim(a, b, c);
    await limited(5);
    await bench.report(a, success());
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
  await bench.report(ids[0] as string, success());
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
    await bench.report(holder, success());
    await ledger.age(yielding, 2, 'due_at', 'run_at');
    await bench.timekeeper.handleDue();
    expect(await bench.claim(yielding)).toEqual([1]);
    await bench.report(yielding, success());
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

describe('a slot becomes free', () => {
  it('when its job is cancelled while it waits to be delivered or has been told to stop', async () => {
    const [a = '', b = '', c = '', d = ''] = await limited(4);
    await bench.claim(a, b, c, d);
    await bench.report(a, success());
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
    await bench.report(a, success());
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
    await bench.report(c, success());
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
    await bench.report(rest[0] as string, death);
    expect(await bench.states(...rest)).toEqual(['dead', 'running', 'queued']);
  });

  const crash = async (id: string) => {
    await ledger.age(id, 60, 'lease_until', 'due_at');
    await bench.timekeeper.handleDue();
  };

  it('when its workers disappear until it is dead of it, and no sooner', async () => {
    const [a = '', b = '', c = '', d = ''] = await limited(4);
    await bench.claim(a, b, c, d);
    for (const attempt of [2, 3, 4]) {
      await crash(a);
      expect(await bench.states(a, c)).toEqual(['queued', 'blocked']); // the slot is kept for its next run
      expect(await bench.claim(a)).toEqual([attempt]);
    }
    await crash(a); // alone for the second time
    expect(await bench.states(a, c, d)).toEqual(['dead', 'queued', 'blocked']);
  });

  it('when somebody has removed a row by hand', async () => {
    const [a = '', b = '', c = ''] = await limited(3);
    await bench.claim(a, b, c);
    await ledger.dataSource.query(`update ledger.jobs set state = 'dead' where id = $1`, [a]);
    await bench.reconciler.reconcile();
    expect(await bench.deliveries()).toEqual([c]);
  });
});
