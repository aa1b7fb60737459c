import { catalogue, ProbeRequest, type KindDefinition, type UniqueRule } from '@roundhouse/contracts';
import { waitFor } from '@roundhouse/testing';
import { LimitBench } from '../../e2e/limit-bench.js';
import { success } from '../../e2e/outcome-events.js';
import { rules, TestLedger, traceparent } from '../../e2e/test-ledger.js';
import { dueTimes } from './fire-times.js';
import { type DueSchedule, fireOnce } from './schedule-firing.js';
import { dueColumns, Schedules, type NewSchedule } from './schedules.js';
import {
  forgetFirings,
  type ScheduleChange,
  ScheduleStore,
  type StoredFiring,
  type StoredSchedule,
} from './schedule-store.js';
import { inTransaction } from '../storage/index.js';

let ledger: TestLedger;
let schedules: Schedules;
let store: ScheduleStore;
let bench: LimitBench;
const stopped: string[] = [];

beforeAll(async () => {
  ledger = await TestLedger.open();
  schedules = new Schedules(ledger.dataSource, () => traceparent, { stop: (jobId) => void stopped.push(jobId) });
  store = new ScheduleStore(ledger.dataSource);
  bench = new LimitBench(ledger);
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

const payload = ProbeRequest.encode(ProbeRequest.fromPartial({ text: 'tick' })).finish();

async function put(overrides: Partial<NewSchedule> = {}): Promise<string> {
  const { id } = await schedules.put({
    tenantId: 'acme',
    name: 'every minute',
    cron: '* * * * *',
    timeZone: 'UTC',
    kind: 'platform.probe',
    payload,
    ...overrides,
  });
  return id;
}

/** As if the last look had been so many full minutes ago: so many times are due, and the one of this minute. */
const away = (minutes: number) =>
  ledger.dataSource.query(
    `update ledger.schedules set next_fire_at = date_trunc('minute', now()) - make_interval(mins => $1)`,
    [minutes],
  );

async function history(id: string): Promise<StoredFiring[]> {
  return (await store.history(id, undefined, 1_000)).firings;
}
const outcomes = async (id: string) => (await history(id)).map(({ outcome, reason }) => reason ?? outcome);

describe('times that were missed', () => {
  // What is due is counted in minutes: none may end on the way.
  beforeEach(() => waitFor(() => new Date().getSeconds() < 50, { describe: 'a minute that goes on for a while' }));

  it('are skipped', async () => {
    const id = await put({ misfire: 'skip' });
    await away(4);
    const fired = await schedules.fireDue();
    expect(fired.length).toBeLessThanOrEqual(2);
    const rows = await outcomes(id);
    expect(rows).toHaveLength(5);
    expect(rows.slice(2)).toEqual(['misfire', 'misfire', 'misfire']);
  });

  it('fire once, for the latest of them', async () => {
    const id = await put({ misfire: 'fire_once' });
    await away(4);
    const [fired, ...more] = await schedules.fireDue();
    expect([fired?.fireTime.getTime(), more]).toEqual([Math.floor(Date.now() / 60_000) * 60_000, []]);
    expect(await outcomes(id)).toEqual(['fired', 'misfire', 'misfire', 'misfire', 'misfire']);
  });

  it('are made up for, as many as the schedule wants, in their order', async () => {
    const id = await put({ misfire: 'catch_up', catchUpMax: 3 });
    await away(10);
    const fired = await schedules.fireDue();
    const times = fired.map((f) => f.fireTime.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const rows = await outcomes(id);
    expect(rows).toHaveLength(11);
    // Three that were missed, and the one or two that are hardly late.
    expect([4, 5]).toContain(fired.length);
    expect(rows.filter((row) => row === 'misfire')).toHaveLength(11 - fired.length);
    expect(await ledger.jobs()).toHaveLength(fired.length);
  });

  it('of years are told in a hundred rows', async () => {
    const id = await put({ cron: '* * * * * *', misfire: 'catch_up', catchUpMax: 2 });
    await ledger.dataSource.query(`update ledger.schedules set next_fire_at = now() - interval '3 years'`);
    const start = performance.now();
    const fired = await schedules.fireDue();
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(fired.length).toBeGreaterThanOrEqual(2);
    const rows = await outcomes(id);
    expect(rows.length).toBeLessThanOrEqual(fired.length + 101);
    expect(rows.at(-1)).toMatch(/^misfire, as all before 20/);
  });
});

it('finds the latest of the due times without counting from the beginning', () => {
  const [first, until] = [new Date('2020-01-01T00:00:00Z'), new Date('2026-11-22T10:00:30Z')];
  const { times, more } = dueTimes('*/10 * * * *', 'UTC', first, until, 3);
  expect(times.map((t) => t.toISOString().slice(11, 16))).toEqual(['09:40', '09:50', '10:00']);
  expect(more).toBe(true);
  expect(dueTimes('0 0 1 1 *', 'UTC', first, until, 10).times.map((t) => t.getUTCFullYear())).toEqual([
    2020, 2021, 2022, 2023, 2024, 2025, 2026,
  ]);
  expect(dueTimes('0 0 1 1 *', 'UTC', first, first, 10)).toEqual({ times: [first], more: false });
});

describe('a schedule whose last job is not over', () => {
  const twice = async (overlap: NewSchedule['overlap']) => {
    const id = await put({ overlap });
    await away(0);
    const [first] = await schedules.fireDue();
    await bench.claim(first!.jobId);
    await ledger.dataSource.query(`update ledger.schedule_firings set fire_time = fire_time - interval '1 minute'`);
    await away(0);
    const second = await schedules.fireDue();
    return { id, first: first!.jobId, second: second[0]?.jobId };
  };

  it('fires all the same', async () => {
    const { second } = await twice('allow');
    expect(second).toBeDefined();
  });

  it('skips, says for which job, and fires again when that one is over', async () => {
    const { id, first, second } = await twice('skip');
    expect(second).toBeUndefined();
    expect((await history(id))[0]).toMatchObject({ outcome: 'skipped', reason: 'overlap', job_id: first });
    await bench.report(first, success());
    await ledger.dataSource.query(`update ledger.schedule_firings set fire_time = fire_time - interval '1 minute'`);
    await away(0);
    expect(await schedules.fireDue()).toHaveLength(1);
  });

  it('follows that one also when it succeeds all the same', async () => {
    const { first, second } = await twice('cancel_other');
    await bench.report(first, success());
    expect(await bench.states(first, second as string)).toEqual(['succeeded', 'queued']);
  });

  it('cancels a run that still waits for the one before', async () => {
    const { first, second } = await twice('cancel_other');
    await ledger.dataSource.query(`update ledger.schedule_firings set fire_time = fire_time - interval '1 minute'`);
    await away(0);
    const [third] = await schedules.fireDue();
    expect(await bench.states(first, second as string, third!.jobId)).toEqual(['running', 'cancelled', 'blocked']);
    await bench.report(first, { $case: 'cancelled', value: {} });
    expect(await bench.states(second as string, third!.jobId)).toEqual(['cancelled', 'queued']);
  });

  it('cancels that one', async () => {
    const { first, second } = await twice('cancel_other');
    expect(second).toBeDefined();
    expect((await ledger.job(first)).cancel_requested_at).not.toBeNull();
    expect(stopped).toContain(first);
    // It may still be at work: they never run side by side.
    expect(await bench.states(first, second as string)).toEqual(['running', 'blocked']);
    await bench.report(first, { $case: 'cancelled', value: {} });
    expect(await bench.states(first, second as string)).toEqual(['cancelled', 'queued']);
  });
});

it('a paused schedule fires nothing and tells what it left out; afterwards it goes on', async () => {
  const id = await put();
  await ledger.dataSource.query(`update ledger.schedules set enabled = false`);
  await away(2);
  expect(await schedules.fireDue()).toEqual([]);
  expect(await outcomes(id)).toEqual(['paused', 'paused', 'paused']);
  await ledger.dataSource.query(`update ledger.schedules set enabled = true`);
  expect(await schedules.fireDue()).toEqual([]);
  expect((await store.find('acme', id))?.next_fire_at?.getTime()).toBeGreaterThan(Date.now());
});

describe('what was due and has not fired, as no scheduler has looked,', () => {
  // What is due is counted in minutes: none may end on the way.
  beforeEach(() => waitFor(() => new Date().getSeconds() < 50, { describe: 'a minute that goes on for a while' }));

  const change = (id: string, what: ScheduleChange) =>
    inTransaction(ledger.dataSource, async (tx) =>
      store.change(tx, (await store.find('acme', id, tx)) as StoredSchedule, what),
    );
  const expectLeftOut = async (id: string, rows: string[]) => {
    expect((await store.find('acme', id))?.next_fire_at?.getTime()).toBeGreaterThan(Date.now());
    expect(await schedules.fireDue()).toEqual([]);
    expect([await outcomes(id), await ledger.jobs()]).toEqual([rows, []]);
  };

  it.each(['skip', 'fire_once', 'catch_up'] as const)(
    'is skipped when a paused schedule is resumed: %s',
    async (policy) => {
      const id = await put({ misfire: policy, catchUpMax: 20 });
      await change(id, { enabled: false });
      await away(11);
      await change(id, { enabled: true });
      await expectLeftOut(
        id,
        Array.from({ length: 12 }, () => 'paused'),
      );
    },
  );

  it('is told in a hundred rows after years of pause', async () => {
    const id = await put({ cron: '* * * * * *' });
    await change(id, { enabled: false });
    await ledger.dataSource.query(`update ledger.schedules set next_fire_at = now() - interval '3 years'`);
    await change(id, { enabled: true });
    const rows = await outcomes(id);
    expect([rows.length, rows[0]]).toEqual([101, 'paused']);
    expect(rows.at(-1)).toMatch(/^paused, as all before 20/);
  });

  it('is skipped when expression or zone changes; the new ones count from then on', async () => {
    const id = await put({ misfire: 'catch_up' });
    await away(2);
    await change(id, { cron: '0 4 * * *' });
    await expectLeftOut(id, ['changed', 'changed', 'changed']);
    await away(0);
    await change(id, { time_zone: 'Asia/Tokyo', enabled: false });
    await change(id, { enabled: true });
    expect((await store.find('acme', id))?.next_fire_at?.toISOString()).toMatch(/T19:00:00/);
    expect(await schedules.fireDue()).toEqual([]);
  });

  it('is skipped when a schedule from code has another expression in a new version', async () => {
    const id = await put();
    await away(2);
    expect(await put({ cron: '0 5 * * *' })).toBe(id);
    await expectLeftOut(id, ['changed', 'changed', 'changed']);
  });

  it('still fires when anything else is changed', async () => {
    const id = await put({ misfire: 'fire_once' });
    await away(2);
    await change(id, { name: 'renamed', enabled: true });
    expect(await schedules.fireDue()).toHaveLength(1);
  });
});

it('does not fire when it is resumed after its last time', async () => {
  const id = await put({ cron: `0 0 0 1 1 * ${new Date().getUTCFullYear() + 1}` });
  await ledger.dataSource.query(
    `update ledger.schedules set enabled = false, cron = '0 0 0 1 1 * 2026', next_fire_at = '2026-01-01T00:00:00Z'`,
  );
  await inTransaction(ledger.dataSource, async (tx) =>
    store.change(tx, (await store.find('acme', id, tx)) as StoredSchedule, { enabled: true }),
  );
  expect([await schedules.fireDue(), await outcomes(id)]).toEqual([[], ['paused']]);
  expect((await store.find('acme', id))?.next_fire_at).toBeNull();
});

it('goes on when it is resumed after a machine that did not know its zone had switched it off', async () => {
  const id = await put();
  await ledger.dataSource.query(`update ledger.schedules set enabled = false, next_fire_at = 'infinity'`);
  await inTransaction(ledger.dataSource, async (tx) =>
    store.change(tx, (await store.find('acme', id, tx)) as StoredSchedule, { enabled: true }),
  );
  expect((await store.find('acme', id))?.next_fire_at?.getTime()).toBeGreaterThan(Date.now());
});

it('jitter moves the job, not the firing', async () => {
  const id = await put({ jitterMs: 3_600_000 });
  await away(0);
  const [fired] = await schedules.fireDue();
  const { state, run_at: runAt } = await ledger.job(fired!.jobId);
  expect(runAt.getTime() - fired!.fireTime.getTime()).toBeLessThanOrEqual(3_600_000);
  expect(state === 'scheduled' || runAt.getTime() <= Date.now()).toBe(true);
  expect((await history(id))[0]?.fire_time).toEqual(fired!.fireTime);
});

it('jobs of a schedule obey the rules of their kind: slots, deadlines and uniqueness', async () => {
  await put({ kind: 'platform.probe_limited', payload: new Uint8Array() });
  await away(0);
  const [fired] = await schedules.fireDue();
  const [{ slot_keys: keys } = { slot_keys: null }] = await ledger.dataSource.query<{ slot_keys: string[] | null }[]>(
    `select slot_keys from ledger.jobs where id = $1`,
    [fired!.jobId],
  );
  expect(keys).toEqual(['probe_key|acme|[""]', 'platform.probe_limited|acme|']);

  const id = await put({ name: 'unique', kind: 'platform.probe_unique', payload: new Uint8Array() });
  const first = await schedules.runNow('acme', id);
  expect(first?.jobId).toBeDefined();
  expect(await schedules.runNow('acme', id)).toEqual({ jobId: undefined, skipped: 'unique' });
  expect((await history(id))[0]).toMatchObject({ outcome: 'skipped', reason: 'unique', job_id: first?.jobId });
});

it('fires a job that follows the running one where its kind is unique and replaces', async () => {
  const kind = catalogue.kind('platform.probe_unique') as KindDefinition;
  const unique: UniqueRule = { ...kind.unique!, mode: 'replace', whileRunning: 'replace_next' };
  const id = await put({ kind: kind.kind, payload: new Uint8Array(), overlap: 'cancel_other' });
  const fireAt = (time: Date) =>
    inTransaction(ledger.dataSource, async (tx) => {
      const [row] = await tx.query<[DueSchedule]>(`select ${dueColumns} from ledger.schedules where id = $1`, [id]);
      const options = { rulesOf: rules, newTraceparent: () => traceparent };
      return fireOnce(tx, row, time, { ...kind, unique }, options);
    });
  const first = (await fireAt(new Date(Date.now() - 60_000))).jobId as string;
  await bench.claim(first);
  const second = (await fireAt(new Date())).jobId as string;
  expect(await ledger.job(first)).toMatchObject({ state: 'running', cancel_requested_at: expect.any(Date) });
  expect(await ledger.job(second)).toMatchObject({ state: 'blocked' });
  await bench.report(first, { $case: 'cancelled', value: {} });
  expect(await ledger.job(second)).toMatchObject({ state: 'queued' });
  expect(await outcomes(id)).toEqual(['fired', 'fired']);
});

it('fires by hand, also when it is paused, for its own tenant only', async () => {
  const id = await put();
  await ledger.dataSource.query(`update ledger.schedules set enabled = false`);
  const before = (await store.find('acme', id))?.next_fire_at;
  expect(await schedules.runNow('other', id)).toBeUndefined();
  const answer = await schedules.runNow('acme', id);
  expect((await ledger.job(answer?.jobId as string)).state).toBe('queued');
  expect(await outcomes(id)).toEqual(['run now']);
  expect((await store.find('acme', id))?.next_fire_at).toEqual(before);
});

describe('schedules from code', () => {
  const listed = (name: string, cron = '0 4 * * *') => ({
    tenantId: 'acme',
    name,
    cron,
    timeZone: 'UTC',
    kind: 'platform.probe',
    payload,
  });
  const names = async () =>
    (await store.list('acme', undefined, 100)).schedules.map(({ name, source, enabled }) => [name, source, enabled]);

  it('follow the list, whoever starts first; those of people stay', async () => {
    await put({ name: 'mine' });
    const others = new Schedules(await ledger.another(), () => traceparent);
    await Promise.all([schedules.mergeCode([listed('a'), listed('b')]), others.mergeCode([listed('a'), listed('b')])]);
    expect(await names()).toEqual([
      ['a', 'code', true],
      ['b', 'code', true],
      ['mine', 'rest', true],
    ]);
    await schedules.mergeCode([listed('b'), listed('c')]);
    expect((await names()).map(([name]) => name)).toEqual(['b', 'c', 'mine']);
    await schedules.mergeCode([]);
    expect((await names()).map(([name]) => name)).toEqual(['mine']);
  });

  it('stay paused and keep a time that is due, but not one of an older expression', async () => {
    await schedules.mergeCode([listed('a')]);
    await ledger.dataSource.query(`update ledger.schedules set enabled = false`);
    await away(5);
    const due = (await store.named('acme', 'a'))?.next_fire_at;
    await schedules.mergeCode([listed('a')]);
    expect(await store.named('acme', 'a')).toMatchObject({ enabled: false, next_fire_at: due });
    await schedules.mergeCode([listed('a', '0 5 * * *')]);
    expect((await store.named('acme', 'a'))?.next_fire_at?.getTime()).toBeGreaterThan(Date.now());
  });
});

it('forgets old history, skipped times first', async () => {
  const id = await put();
  await away(2);
  await schedules.fireDue();
  await ledger.dataSource.query(`update ledger.schedule_firings set fired_at = now() - interval '8 days'`);
  await forgetFirings(ledger.dataSource);
  expect((await outcomes(id)).filter((row) => row !== 'fired')).toEqual([]);
  expect((await outcomes(id)).length).toBeGreaterThan(0);
});
