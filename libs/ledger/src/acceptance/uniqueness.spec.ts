import { catalogue, ProbeUniqueRequest, type KindDefinition, type UniqueRule } from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';
import { success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, rules, TestLedger, traceparent } from '../../e2e/test-ledger.js';
import type { Accepted } from './submission.js';
import { Acceptance } from './acceptance.js';
import { Claims } from '../claiming/index.js';
import { jobOfKind } from '../records/index.js';
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

interface Wanted {
  text?: string;
  note?: string;
  mode?: UniqueRule['mode'];
  periodMs?: number;
  tenantId?: string;
  runAt?: Date;
}

function uniqueJob({ text = 'same', note = '', mode, periodMs, tenantId = 'acme', runAt }: Wanted = {}) {
  const payload = ProbeUniqueRequest.encode(ProbeUniqueRequest.fromPartial({ text, note })).finish();
  return jobOfKind(kind, payload, { tenantId, traceparent, runAt, overrides: { unique: { mode, periodMs } } });
}

const submit = (wanted?: Wanted, to = acceptance): Promise<Accepted> =>
  to.submit({ tenantId: wanted?.tenantId ?? 'acme', jobs: [uniqueJob(wanted)] });

async function finish(jobId: string): Promise<void> {
  await new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 1000 }).answer([claimOf('w1', [jobId])]);
  await new Outcomes(ledger.dataSource, rules, nothing).apply([messageOf(eventOf(jobId, 1, success()))]);
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
  expect(await submit({ mode: 'return_existing' })).toEqual({ jobIds, existing: jobIds, repeated: false });
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

it('leaves a running job alone when a newcomer would replace it', async () => {
  const { jobIds } = await submit({ mode: 'replace', note: 'old' });
  await new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 1000 }).answer([claimOf('w1', jobIds)]);
  expect(await submit({ mode: 'replace', note: 'new' })).toMatchObject({ existing: jobIds });
  expect(await notes()).toEqual(['old']);
});

it('debounces: the job runs one period after the latest request, with its payload', async () => {
  const debounce = { mode: 'debounce' as const, periodMs: 60_000 };
  const { jobIds } = await submit({ ...debounce, note: 'first', runAt: new Date(Date.now() + 60_000) });
  const before = Date.now();
  await submit({ ...debounce, note: 'last' });
  const job = await ledger.job(jobIds[0] as string);
  expect(job.state).toBe('scheduled');
  expect(job.run_at.getTime()).toBeGreaterThan(before + 55_000);
  expect(await notes()).toEqual(['last']);
});

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
