import {
  catalogue,
  ProbeUniqueRequest,
  type JobEvent,
  type KindDefinition,
  type UniqueRule,
} from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';
import { success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, rules, TestLedger, traceparent } from '../../e2e/test-ledger.js';
import type { Accepted } from './submission.js';
import { Acceptance } from './acceptance.js';
import { Claims } from '../claiming/index.js';
import { jobOfKind, type UniqueOverride } from '../records/index.js';
import { Cancellation } from '../commands/index.js';
import { Outcomes } from '../outcomes/index.js';
import { UniqueConflict } from './uniqueness.js';

let ledger: TestLedger;
let other: DataSource;
let acceptance: Acceptance;
let elsewhere: Acceptance;

const kind = catalogue.kind('platform.probe_unique') as KindDefinition;

beforeAll(async () => {
  ledger = await TestLedger.open();
  other = await ledger.another();
  acceptance = new Acceptance(ledger.dataSource, rules, () => undefined);
  elsewhere = new Acceptance(other, rules, () => undefined);
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await ledger.dataSource.query('truncate ledger.unique_keys');
});

interface Wanted extends UniqueOverride {
  text?: string;
  note?: string;
  tenantId?: string;
  runAt?: Date;
  deadlineMs?: number;
}

function uniqueJob({ text = 'same', note = '', tenantId = 'acme', runAt, deadlineMs, ...unique }: Wanted = {}) {
  const payload = ProbeUniqueRequest.encode(ProbeUniqueRequest.fromPartial({ text, note })).finish();
  return jobOfKind(kind, payload, { tenantId, traceparent, runAt, overrides: { unique, deadlineMs } });
}

const submit = (wanted?: Wanted, to = acceptance): Promise<Accepted> =>
  to.submit({ tenantId: wanted?.tenantId ?? 'acme', jobs: [uniqueJob(wanted)] });

async function start(jobId: string): Promise<void> {
  await new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 1000 }).answer([claimOf('w1', [jobId])]);
}

async function finish(jobId: string): Promise<void> {
  await start(jobId);
  await end(jobId);
}

const end = (jobId: string): Promise<void> => report(jobId, success());

async function report(jobId: string, event: JobEvent['event']): Promise<void> {
  await new Outcomes(ledger.dataSource, rules, nothing).apply([messageOf(eventOf(jobId, 1, event))]);
}

const notes = async () =>
  (await ledger.jobs()).map((job) => ProbeUniqueRequest.decode((job as { payload: Buffer }).payload).note);

it('rejects a second job with the same fields, names the first, and lets others through', async () => {
  const { jobIds } = await submit();
  await expect(submit({ note: 'another note' })).rejects.toThrow(UniqueConflict);
  await expect(submit()).rejects.toMatchObject({ jobId: jobIds[0] });
  await submit({ text: 'other' });
  await submit({ tenantId: 'globex' });
  expect(await ledger.jobs()).toHaveLength(3);
});

it('gives the key back when the job is over', async () => {
  const { jobIds } = await submit();
  await finish(jobIds[0] as string);
  const second = await submit();
  expect(second.jobIds[0]).not.toBe(jobIds[0]);
});

it('holds the key for the whole period, whatever becomes of the job', async () => {
  const { jobIds } = await submit({ mode: 'throttle', periodMs: 3_600_000 });
  await finish(jobIds[0] as string);
  expect(await submit({ mode: 'throttle', periodMs: 3_600_000 })).toMatchObject({ jobIds, existing: jobIds });
  await ledger.dataSource.query(`update ledger.unique_keys set expires_at = now() - interval '1 second'`);
  const next = await submit({ mode: 'throttle', periodMs: 3_600_000 });
  expect(next).toMatchObject({ existing: [] });
  expect(next.jobIds[0]).not.toBe(jobIds[0]);
});

it('answers with the standing job where the mode says so', async () => {
  const { jobIds } = await submit({ mode: 'return_existing' });
  const standIns = { 0: { existing: jobIds[0], dropped: true } };
  expect(await submit({ mode: 'return_existing' })).toEqual({ jobIds, existing: jobIds, repeated: false, standIns });
  expect(await ledger.jobs()).toHaveLength(1);
});

it('replaces payload and time of a job that has not started', async () => {
  const later = new Date(Date.now() + 3_600_000);
  const { jobIds } = await submit({ mode: 'replace', note: 'old' });
  await submit({ mode: 'replace', note: 'new', runAt: later });
  expect(await notes()).toEqual(['new']);
  expect(await ledger.job(jobIds[0] as string)).toMatchObject({ state: 'scheduled', payload_replaced: true });
  expect((await ledger.job(jobIds[0] as string)).run_at.getTime()).toBeCloseTo(later.getTime(), -1);
});

it('lets one job follow a running one, with the newest payload, and starts it at the end', async () => {
  const { jobIds } = await submit({ mode: 'replace', note: 'old' });
  const [first] = jobIds as [string];
  await start(first);
  const next = await submit({ mode: 'replace', note: 'next' });
  const [follower] = next.jobIds as [string];
  expect(next).toMatchObject({ existing: [], standIns: { 0: { existing: first, follower } } });
  expect(await submit({ mode: 'replace', note: 'newest' })).toMatchObject({
    jobIds: [follower],
    existing: [follower],
    standIns: { 0: { existing: first, follower } },
  });
  expect(await notes()).toEqual(['old', 'newest']);
  expect(await ledger.job(follower)).toMatchObject({ state: 'blocked', blocked_on: 'dependency' });
  await end(first);
  expect(await ledger.job(follower)).toMatchObject({ state: 'queued' });
  expect(await ledger.outbox(follower)).toHaveLength(1);
  // The key is the follower's from now on.
  expect(await submit({ mode: 'replace', note: 'last' })).toMatchObject({ jobIds: [follower], existing: [follower] });
  expect(await notes()).toEqual(['old', 'last']);
  await finish(follower);
  expect((await submit({ mode: 'replace' })).standIns).toBeUndefined();
});

it('refuses a second follower where the first one keeps its payload', async () => {
  const [first] = (await submit({ whileRunning: 'queue_next' })).jobIds as [string];
  await start(first);
  const { standIns } = await submit({ whileRunning: 'queue_next', note: 'second' });
  const follower = standIns?.[0]?.follower as string;
  const third = submit({ whileRunning: 'queue_next', note: 'third' });
  await expect(third).rejects.toThrow(`job ${follower} waits to follow it`);
  expect(await notes()).toEqual(['', 'second']);
});

it('drops, and says so, what is asked while the job runs', async () => {
  const dropping = { mode: 'replace', whileRunning: 'drop' } as const;
  const [first] = (await submit(dropping)).jobIds as [string];
  await start(first);
  expect((await submit({ ...dropping, note: 'late' })).standIns).toEqual({ 0: { existing: first, dropped: true } });
  expect(await ledger.jobs()).toHaveLength(1);
});

it('follows a job that waits for a retry, and holds its key however short the period', async () => {
  const replacing = { mode: 'replace', periodMs: 1 } as const;
  const [first] = (await submit(replacing)).jobIds as [string];
  await start(first);
  await ledger.dataSource.query(
    `update ledger.jobs set state = 'retrying', run_at = now() + interval '1 hour' where id = $1`,
    [first],
  );
  const { standIns } = await submit({ ...replacing, note: 'new' });
  expect(standIns?.[0]).toMatchObject({ existing: first });
  expect(await ledger.job(standIns?.[0]?.follower as string)).toMatchObject({ state: 'blocked' });
});

it('lets the follower go when the first is cancelled, and the first alone when the follower is', async () => {
  const cancellation = new Cancellation(ledger.dataSource, rules, nothing);
  const [first] = (await submit({ mode: 'replace' })).jobIds as [string];
  await start(first);
  const one = (await submit({ mode: 'replace', note: 'one' })).jobIds[0] as string;
  await cancellation.cancel('acme', one);
  expect(await ledger.job(first)).toMatchObject({ state: 'running' });
  const two = (await submit({ mode: 'replace', note: 'two' })).jobIds[0] as string;
  expect(two).not.toBe(one);
  await cancellation.cancel('acme', first);
  await report(first, { $case: 'cancelled', value: {} });
  expect(await ledger.job(first)).toMatchObject({ state: 'cancelled' });
  expect(await ledger.job(two)).toMatchObject({ state: 'queued' });
});

it('settles requests of one transaction one after the other', async () => {
  const replacing = ['a', 'b', 'c'].map((note) => uniqueJob({ mode: 'replace', note }));
  const { jobIds, existing } = await acceptance.submit({ tenantId: 'acme', jobs: replacing });
  expect(new Set(jobIds).size).toBe(1);
  expect(existing).toHaveLength(2);
  expect(await notes()).toEqual(['c']);
  const many = Array.from({ length: 30 }, (_, i) =>
    submit({ text: 'many', mode: 'replace', note: `${i}` }, i % 2 ? acceptance : elsewhere),
  );
  await Promise.all(many);
  expect(await notes()).toHaveLength(2);
});

it('undoes what a refused submission has replaced', async () => {
  await submit({ text: 'kept', mode: 'replace', note: 'old' });
  await submit({ text: 'taken' });
  const jobs = [uniqueJob({ text: 'kept', mode: 'replace', note: 'new' }), uniqueJob({ text: 'taken' })];
  await expect(acceptance.submit({ tenantId: 'acme', jobs })).rejects.toThrow(UniqueConflict);
  expect(await notes()).toEqual(['old', '']);
});

it('takes a key of the request, by tenant and kind', async () => {
  await submit({ key: 'mine', text: 'a' });
  await expect(submit({ key: 'mine', text: 'b' })).rejects.toThrow(UniqueConflict);
  await submit({ key: 'other', text: 'a' });
  await submit({ key: 'mine', text: 'a', tenantId: 'globex' });
  // It is none of the kind's own.
  await submit({ text: 'a' });
  const plain = catalogue.kind('platform.probe') as KindDefinition;
  const job = () =>
    jobOfKind(plain, new Uint8Array(), { tenantId: 'acme', traceparent, overrides: { unique: { key: 'mine' } } });
  await acceptance.submit({ tenantId: 'acme', jobs: [job()] });
  await expect(acceptance.submit({ tenantId: 'acme', jobs: [job()] })).rejects.toThrow(UniqueConflict);
});

it('answers a repeated idempotent request like the first one, also of what was dropped', async () => {
  await submit();
  const bodyHash = Buffer.alloc(32, 1);
  const ask = () =>
    acceptance.submit({
      tenantId: 'acme',
      jobs: [uniqueJob({ mode: 'return_existing' })],
      idempotency: { route: 'r', key: 'k', bodyHash },
    });
  const { standIns } = await ask();
  expect(standIns?.[0]?.dropped).toBe(true);
  expect(await ask()).toMatchObject({ repeated: true, standIns });
});

const inSeconds = async (jobId: string) => ((await ledger.job(jobId)).run_at.getTime() - Date.now()) / 1000;

it('debounces: the first waits, and runs one period after the latest request with its payload', async () => {
  const debounce = { mode: 'debounce' as const, periodMs: 60_000, deadlineMs: 30_000 };
  const [id] = (await submit({ ...debounce, note: 'first' })).jobIds as [string];
  expect((await ledger.job(id)).state).toBe('scheduled');
  expect(await inSeconds(id)).toBeGreaterThan(55);
  await ledger.age(id, 40, 'run_at', 'due_at');
  expect(await submit({ ...debounce, note: 'last' })).toMatchObject({ jobIds: [id], existing: [id] });
  expect(await inSeconds(id)).toBeGreaterThan(55);
  expect(await notes()).toEqual(['last']);
  // The deadline counts from the new time.
  const [row] = await ledger.dataSource.query(
    `select deadline_at > run_at + interval '25 seconds' as later from ledger.jobs`,
  );
  expect(row.later).toBe(true);
  await submit({ ...debounce, runAt: new Date(Date.now() + 600_000) });
  expect(await inSeconds(id)).toBeGreaterThan(590);
});

it('debounces no longer than max_wait after the first request', async () => {
  const debounce = { mode: 'debounce' as const, periodMs: 60_000, maxWaitMs: 90_000 };
  const [id] = (await submit(debounce)).jobIds as [string];
  await ledger.dataSource.query(`update ledger.jobs set created_at = created_at - interval '70 seconds'`);
  await submit(debounce);
  expect(await inSeconds(id)).toBeLessThan(20.5);
  await ledger.dataSource.query(`update ledger.jobs set created_at = created_at - interval '70 seconds'`);
  await submit({ ...debounce, note: 'last' });
  expect(await ledger.job(id)).toMatchObject({ state: 'queued' });
  expect(await ledger.outbox(id)).toHaveLength(1);
  expect(await notes()).toEqual(['last']);
});

it('debounces what is asked while the job runs: one follower, a period after the latest request', async () => {
  const debounce = { mode: 'debounce' as const, periodMs: 60_000 };
  const [first] = (await submit(debounce)).jobIds as [string];
  await ledger.dataSource.query(`update ledger.jobs set state = 'queued', run_at = now(), due_at = null`);
  await start(first);
  const [next] = (await submit({ ...debounce, note: 'a' })).jobIds as [string];
  await ledger.age(next, 40, 'run_at');
  await submit({ ...debounce, note: 'b' });
  await end(first);
  expect(await ledger.job(next)).toMatchObject({ state: 'scheduled' });
  expect(await inSeconds(next)).toBeGreaterThan(55);
  expect(await notes()).toEqual(['', 'b']);
});

it.each(['before it starts', 'while it runs', 'when it is over'])(
  'debounces with a leading job: one more at the end of the period, asked for %s',
  async (when) => {
    const debounce = { mode: 'debounce' as const, periodMs: 60_000, leading: true };
    const [first] = (await submit(debounce)).jobIds as [string];
    expect(await ledger.job(first)).toMatchObject({ state: 'queued' });
    if (when !== 'before it starts') await start(first);
    if (when === 'when it is over') await end(first);
    const [next] = (await submit({ ...debounce, note: 'a' })).jobIds as [string];
    expect(next).not.toBe(first);
    expect(await submit({ ...debounce, note: 'b' })).toMatchObject({ jobIds: [next] });
    if (when === 'before it starts') await start(first);
    if (when !== 'when it is over') await end(first);
    expect(await ledger.job(next)).toMatchObject({ state: 'scheduled' });
    expect(await inSeconds(next)).toBeGreaterThan(50);
    expect(await inSeconds(next)).toBeLessThan(60.5);
    await submit({ ...debounce, note: 'c' });
    expect(await inSeconds(next)).toBeLessThan(60.5);
    expect(await notes()).toEqual(['', 'c']);
    await ledger.dataSource.query(
      `update ledger.jobs set state = 'queued', due_at = null, run_at = now() where id = $1`,
      [next],
    );
    await ledger.dataSource.query(`update ledger.unique_keys set expires_at = now() - interval '1 second'`);
    await finish(next);
    const again = await submit(debounce);
    expect(again.standIns).toBeUndefined();
    expect(await ledger.job(again.jobIds[0] as string)).toMatchObject({ state: 'queued' });
  },
);

it('lets exactly one of many simultaneous requests at two gateways win', async () => {
  const answers = await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) => submit({ note: String(i) }, i % 2 === 0 ? acceptance : elsewhere)),
  );
  expect(answers.filter((a) => a.status === 'fulfilled')).toHaveLength(1);
  expect(await ledger.jobs()).toHaveLength(1);
});

it('refuses a submission whole, and gives back what its other jobs had taken', async () => {
  await submit({ text: 'taken' });
  const refused = acceptance.submit({
    tenantId: 'acme',
    jobs: [uniqueJob({ text: 'free' }), uniqueJob({ text: 'taken' })],
  });
  await expect(refused).rejects.toThrow(UniqueConflict);
  expect(await ledger.jobs()).toHaveLength(1);
  await expect(submit({ text: 'free' })).resolves.toMatchObject({ existing: [] });
});

it('judges a refused idempotent request anew, and remembers a stand-in', async () => {
  const first = await submit();
  const bodyHash = Buffer.alloc(32, 1);
  const again = (mode: UniqueRule['mode'], key: string) =>
    acceptance.submit({ tenantId: 'acme', jobs: [uniqueJob({ mode })], idempotency: { route: 'r', key, bodyHash } });
  await expect(again('reject', 'k1')).rejects.toThrow(UniqueConflict);
  expect(await again('return_existing', 'k2')).toMatchObject({ jobIds: first.jobIds, repeated: false });
  await finish(first.jobIds[0] as string);
  expect(await again('reject', 'k1')).toMatchObject({ repeated: false, existing: [] });
  expect(await again('return_existing', 'k2')).toMatchObject({ jobIds: first.jobIds, repeated: true });
});
