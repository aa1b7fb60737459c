import type { ClaimDecision } from '@roundhouse/contracts';
import { waitFor } from '@roundhouse/testing';
import { failure, success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, probeJob, rules, silent, TestLedger } from '../../e2e/test-ledger.js';
import { Cancellation } from '../commands/index.js';
import { Claims } from '../claiming/index.js';
import { Outcomes } from '../outcomes/index.js';
import { EventsMark, recordMark } from './events-mark.js';
import { Timekeeper } from './timekeeper.js';

let ledger: TestLedger;
let timekeeper: Timekeeper;
let claims: Claims;
beforeAll(async () => {
  ledger = await TestLedger.open();
  timekeeper = new Timekeeper(ledger.dataSource, rules, { ...nothing, log: silent });
  claims = new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 1_000 });
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

async function running(worker = 'w1'): Promise<string> {
  const id = await ledger.queued();
  await claims.answer([claimOf(worker, [id])]);
  return id;
}

it('sends out scheduled jobs when their time has come, not before', async () => {
  const [id = ''] = await ledger.accept(probeJob({ runAt: new Date(Date.now() + 3_600_000) }));
  expect(await timekeeper.handleDue()).toBe(0);
  await ledger.age(id, 3_601, 'run_at', 'due_at');
  expect(await timekeeper.handleDue()).toBe(1);
  expect(await ledger.job(id)).toMatchObject({ state: 'queued', due_at: null, attempt: 0 });
  expect(await ledger.outbox(id)).toMatchObject([{ delay_ms: 0 }]);
});

it('sends out long retries, and retries that the wait queues have lost', async () => {
  const outcomes = new Outcomes(ledger.dataSource, rules, nothing);
  const fail = (id: string, seconds: number) =>
    outcomes.apply([messageOf(eventOf(id, 1, failure({ retryAfter: { seconds, nanos: 0 } })))]);
  const [long, short] = [await running(), await running()];
  await fail(long, 3_600);
  await fail(short, 5);
  await ledger.dataSource.query('delete from ledger.outbox');
  await ledger.age(short, 6, 'run_at', 'due_at');
  expect(await timekeeper.handleDue()).toBe(0); // it may still come out of its wait queue
  await ledger.age(short, 31, 'run_at', 'due_at');
  await ledger.age(long, 3_601, 'run_at', 'due_at');
  expect(await timekeeper.handleDue()).toBe(2);
  for (const id of [long, short]) {
    expect(await ledger.job(id)).toMatchObject({ state: 'queued', failures: 1 });
    expect(await ledger.outbox(id)).toHaveLength(1);
  }
});

it('takes a job back when its lease is over, without counting a failure', async () => {
  const id = await running();
  expect(await timekeeper.handleDue()).toBe(0);
  await ledger.age(id, 31, 'lease_until', 'due_at');
  expect(await timekeeper.handleDue()).toBe(1);
  expect(await ledger.job(id)).toMatchObject({
    state: 'queued',
    crashes: 1,
    failures: 0,
    worker_id: null,
    lease_until: null,
    error: { code: 'LOST' },
  });
  expect(await ledger.historyTypes(id)).toEqual(['running', 'queued']);
});

it('lets no lease run out over an outcome that may still wait in the events queue', async () => {
  const sent: Date[] = [];
  const careful = new Timekeeper(ledger.dataSource, rules, {
    ...nothing,
    log: silent,
    mark: new EventsMark((at) => sent.push(at)),
  });
  const [done, lost] = [await running(), await running()];
  expect(await careful.handleDue()).toBe(0);
  expect(sent).toEqual([]);
  for (const id of [done, lost]) await ledger.age(id, 31, 'lease_until', 'due_at');
  expect([await careful.handleDue(), await careful.handleDue(), sent.length]).toEqual([0, 0, 1]);
  // The gateways are back, and come upon the outcome before they come upon the mark.
  await new Outcomes(ledger.dataSource, rules, nothing).apply([messageOf(eventOf(done, 1, success()))]);
  await recordMark(ledger.dataSource, sent[0] as Date);
  expect(await careful.handleDue()).toBe(1);
  expect(await ledger.job(done)).toMatchObject({ state: 'succeeded', attempt: 1, crashes: 0 });
  expect(await ledger.job(lost)).toMatchObject({ state: 'queued', crashes: 1 });
});

it('believes no mark from the future', async () => {
  await recordMark(ledger.dataSource, new Date(Date.now() + 3_600_000));
  const [row] = await ledger.dataSource.query(`select applied_to <= clock_timestamp() as past from ledger.events_mark`);
  expect(row).toEqual({ past: true });
});

/** As if the workers of these jobs had gone at the same moment. */
async function lose(...ids: string[]): Promise<void> {
  for (const id of ids) await ledger.age(id, 31, 'lease_until', 'due_at');
  await timekeeper.handleDue();
}
const grant = async (worker: string, ...ids: string[]) => (await claims.answer([claimOf(worker, ids)])).flat();
const isAlone = ({ decision }: ClaimDecision) => decision?.$case === 'granted' && decision.value.alone;

it('gives a job up that was lost alone twice, and frees its neighbours of the suspicion', async () => {
  const [guilty, neighbour, stranger] = [await ledger.queued(), await ledger.queued(), await ledger.queued()];
  for (const worker of ['w1', 'w2']) {
    expect((await grant(worker, guilty, neighbour)).map(isAlone)).toEqual([false, false]);
    await grant(`${worker}b`, stranger);
    await lose(guilty, neighbour);
    await lose(stranger);
  }
  expect((await grant('w3', neighbour, stranger)).map(isAlone)).toEqual([true, true]);
  for (const worker of ['w4', 'w5']) {
    expect((await grant(worker, guilty)).map(isAlone)).toEqual([true]);
    await lose(guilty);
  }
  expect(await ledger.job(guilty)).toMatchObject({
    state: 'dead',
    crashes: 4,
    error: { code: 'POISON', message: expect.stringContaining('crashed alone twice'), retryable: false },
  });
  expect(await ledger.job(neighbour)).toMatchObject({ state: 'running', crashes: 0 });
  expect(await ledger.job(stranger)).toMatchObject({ state: 'running', crashes: 2 });
});

it('does not believe that a job was alone whose worker is lost with several', async () => {
  const ids = [await ledger.queued(), await ledger.queued()];
  for (let i = 0; i < 6; i += 1) {
    await grant(`w${i}`, ...ids);
    await lose(...ids);
  }
  for (const id of ids) expect(await ledger.job(id)).toMatchObject({ state: 'queued', crashes: 6, lone_crashes: 0 });
});

it('ends a cancelled attempt that does not stop in time, whatever its lease', async () => {
  const id = await running();
  const cancellation = new Cancellation(ledger.dataSource, rules, nothing);
  expect(await cancellation.cancel('acme', id)).toEqual({ state: 'running', stopping: true, changed: true });
  expect(await timekeeper.handleDue()).toBe(0);
  await ledger.age(id, 31, 'cancel_requested_at', 'due_at');
  await timekeeper.handleDue();
  expect(await ledger.job(id)).toMatchObject({ state: 'cancelled', crashes: 0, due_at: null });
  expect(await ledger.outbox(id)).toEqual([]);
});

it('cancels instead of repeating when the worker of a job to be cancelled is gone', async () => {
  const id = await running();
  await new Cancellation(ledger.dataSource, rules, nothing).cancel('acme', id);
  await claims.answer([claimOf('w2', [id], { redelivered: true })]);
  await ledger.age(id, 2, 'takeover_at', 'due_at');
  await ledger.dataSource.query(`update ledger.jobs set due_at = takeover_at where id = $1`, [id]);
  await timekeeper.handleDue();
  expect(await ledger.job(id)).toMatchObject({ state: 'cancelled', crashes: 1 });
});

it('shares the work with others: each job is handled once', async () => {
  const count = 1_200;
  const ids = await ledger.accept(
    ...Array.from({ length: count }, () => probeJob({ runAt: new Date(Date.now() + 3_600_000) })),
  );
  await ledger.dataSource.query(`update ledger.jobs set due_at = now(), run_at = now()`);
  const others = [await ledger.another(), await ledger.another()].map(
    (source) => new Timekeeper(source, rules, { ...nothing, log: silent }),
  );
  const drain = async (keeper: Timekeeper) => {
    let total = 0;
    for (let handled = 1; handled > 0; total += handled) handled = await keeper.handleDue();
    return total;
  };
  const handled = await Promise.all([timekeeper, ...others].map(drain));
  expect(handled.reduce((sum, n) => sum + n)).toBe(count);
  expect((await ledger.outbox()).map((row) => row.job_id).sort()).toEqual([...ids].sort());
});

it('leaves a job alone that somebody is working on at the moment', async () => {
  const id = await running();
  await ledger.age(id, 31, 'lease_until', 'due_at');
  await ledger.dataSource.transaction(async (tx) => {
    await tx.query(`select from ledger.jobs where id = $1 for update`, [id]);
    expect(await timekeeper.handleDue()).toBe(0);
  });
  expect(await timekeeper.handleDue()).toBe(1);
});

it('keeps going by itself, also after the database was away', async () => {
  const source = await ledger.another(2);
  const clock = new Timekeeper(source, rules, { ...nothing, log: silent, intervalMs: 10 });
  clock.start();
  await ledger.dataSource.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  const [id = ''] = await ledger.accept(probeJob({ runAt: new Date(Date.now() + 3_600_000) }));
  await ledger.age(id, 3_601, 'run_at', 'due_at');
  await waitFor(async () => (await ledger.job(id)).state === 'queued');
  await clock.stop();
});

describe('leases', () => {
  const heard = (seconds: number) =>
    ledger.dataSource.query(
      `insert into ledger.workers (id, service, version, host, pid, queues, running, stopping, seen_at)
       values ('w9', 'probe', '1', 'h', 1, '{}', 0, false, now() - make_interval(secs => $1))
       on conflict (id) do update set seen_at = excluded.seen_at`,
      [seconds],
    );

  it('do not run out while no worker is heard at all, nor right after', async () => {
    const id = await running();
    const cancelled = await running();
    await new Cancellation(ledger.dataSource, rules, nothing).cancel('acme', cancelled);
    const [scheduled = ''] = await ledger.accept(probeJob({ runAt: new Date(Date.now() + 3_600_000) }));
    await ledger.age(id, 40, 'lease_until', 'due_at');
    await ledger.age(cancelled, 40, 'cancel_requested_at', 'due_at');
    await ledger.age(scheduled, 3_601, 'run_at', 'due_at');
    const keeper = new Timekeeper(ledger.dataSource, rules, { ...nothing, log: silent });
    await heard(20);
    expect(await keeper.handleDue()).toBe(2);
    expect((await ledger.job(id)).state).toBe('running');
    expect((await ledger.job(cancelled)).state).toBe('cancelled');
    expect((await ledger.job(scheduled)).state).toBe('queued');
    await heard(0);
    expect(await keeper.handleDue()).toBe(0);
    await waitFor(
      async () => {
        await heard(0);
        return (await keeper.handleDue()) === 1;
      },
      { intervalMs: 50 },
    );
    expect(await ledger.job(id)).toMatchObject({ state: 'queued', crashes: 1 });
  });

  it('do not hold up a takeover: there somebody else has the delivery', async () => {
    const id = await running();
    await heard(20);
    await claims.answer([claimOf('w2', [id], { redelivered: true })]);
    await ledger.age(id, 2, 'takeover_at', 'due_at');
    expect(await new Timekeeper(ledger.dataSource, rules, { ...nothing, log: silent }).handleDue()).toBe(1);
    expect(await ledger.job(id)).toMatchObject({ state: 'queued', crashes: 1 });
  });
});
