import { catalogue, type KindDefinition, type UniqueRule } from '@roundhouse/contracts';
import { traceparent } from '../../e2e/test-ledger.js';
import { UniqueRequests } from '../../e2e/unique-requests.js';
import { jobOfKind } from '../records/index.js';
import { forgetExpiredKeys } from '../transitions/index.js';
import { UniqueConflict } from './uniqueness.js';

let requests: UniqueRequests;
beforeAll(async () => {
  requests = await UniqueRequests.open();
});
afterAll(() => requests?.ledger.close());
beforeEach(() => requests.clear());

it('rejects a second job with the same fields, names the first, and lets others through', async () => {
  const { jobIds } = await requests.submit();
  await expect(requests.submit({ note: 'another note' })).rejects.toThrow(UniqueConflict);
  await expect(requests.submit()).rejects.toMatchObject({ jobId: jobIds[0] });
  await requests.submit({ text: 'other' });
  await requests.submit({ tenantId: 'globex' });
  expect(await requests.ledger.jobs()).toHaveLength(3);
});

it('gives the key back when the job is over', async () => {
  const { jobIds } = await requests.submit();
  await requests.finish(jobIds[0] as string);
  const second = await requests.submit();
  expect(second.jobIds[0]).not.toBe(jobIds[0]);
});

it('holds the key for the whole period, whatever becomes of the job', async () => {
  const { jobIds } = await requests.submit({ mode: 'throttle', periodMs: 3_600_000 });
  await requests.finish(jobIds[0] as string);
  expect(await requests.submit({ mode: 'throttle', periodMs: 3_600_000 })).toMatchObject({ jobIds, existing: jobIds });
  await requests.ledger.dataSource.query(`update ledger.unique_keys set expires_at = now() - interval '1 second'`);
  const next = await requests.submit({ mode: 'throttle', periodMs: 3_600_000 });
  expect(next).toMatchObject({ existing: [] });
  expect(next.jobIds[0]).not.toBe(jobIds[0]);
});

it('answers with the standing job where the mode says so', async () => {
  const { jobIds } = await requests.submit({ mode: 'return_existing' });
  const standIns = { 0: { existing: jobIds[0], dropped: true } };
  expect(await requests.submit({ mode: 'return_existing' })).toEqual({
    jobIds,
    existing: jobIds,
    repeated: false,
    standIns,
  });
  expect(await requests.ledger.jobs()).toHaveLength(1);
});

it('replaces payload and time of a job that has not started', async () => {
  const later = new Date(Date.now() + 3_600_000);
  const { jobIds } = await requests.submit({ mode: 'replace', note: 'old' });
  await requests.submit({ mode: 'replace', note: 'new', runAt: later });
  expect(await requests.notes()).toEqual(['new']);
  expect(await requests.ledger.job(jobIds[0] as string)).toMatchObject({ state: 'scheduled', payload_replaced: true });
  expect((await requests.ledger.job(jobIds[0] as string)).run_at.getTime()).toBeCloseTo(later.getTime(), -1);
});

it('settles requests of one transaction one after the other', async () => {
  const replacing = ['a', 'b', 'c'].map((note) => requests.job({ mode: 'replace', note }));
  const { jobIds, existing } = await requests.acceptance.submit({ tenantId: 'acme', jobs: replacing });
  expect(new Set(jobIds).size).toBe(1);
  expect(existing).toHaveLength(2);
  expect(await requests.notes()).toEqual(['c']);
  const many = Array.from({ length: 30 }, (_, i) =>
    requests.submit({ text: 'many', mode: 'replace', note: `${i}` }, i % 2 ? requests.acceptance : requests.elsewhere),
  );
  await Promise.all(many);
  expect(await requests.notes()).toHaveLength(2);
});

it('undoes what a refused submission has replaced', async () => {
  await requests.submit({ text: 'kept', mode: 'replace', note: 'old' });
  await requests.submit({ text: 'taken' });
  const jobs = [requests.job({ text: 'kept', mode: 'replace', note: 'new' }), requests.job({ text: 'taken' })];
  await expect(requests.acceptance.submit({ tenantId: 'acme', jobs })).rejects.toThrow(UniqueConflict);
  expect(await requests.notes()).toEqual(['old', '']);
});

it('takes a key of the request, by tenant and kind', async () => {
  await requests.submit({ key: 'mine', text: 'a' });
  await expect(requests.submit({ key: 'mine', text: 'b' })).rejects.toThrow(UniqueConflict);
  await requests.submit({ key: 'other', text: 'a' });
  await requests.submit({ key: 'mine', text: 'a', tenantId: 'globex' });
  // It is none of the kind's own.
  await requests.submit({ text: 'a' });
  const plain = catalogue.kind('platform.probe') as KindDefinition;
  const job = () =>
    jobOfKind(plain, new Uint8Array(), { tenantId: 'acme', traceparent, overrides: { unique: { key: 'mine' } } });
  await requests.acceptance.submit({ tenantId: 'acme', jobs: [job()] });
  await expect(requests.acceptance.submit({ tenantId: 'acme', jobs: [job()] })).rejects.toThrow(UniqueConflict);
});

it('answers a repeated idempotent request like the first one, also of what was dropped', async () => {
  await requests.submit();
  const bodyHash = Buffer.alloc(32, 1);
  const ask = () =>
    requests.acceptance.submit({
      tenantId: 'acme',
      jobs: [requests.job({ mode: 'return_existing' })],
      idempotency: { route: 'r', key: 'k', bodyHash },
    });
  const { standIns } = await ask();
  expect(standIns?.[0]?.dropped).toBe(true);
  expect(await ask()).toMatchObject({ repeated: true, standIns });
});

it('lets exactly one of many simultaneous requests at two gateways win', async () => {
  const answers = await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) =>
      requests.submit({ note: String(i) }, i % 2 === 0 ? requests.acceptance : requests.elsewhere),
    ),
  );
  expect(answers.filter((a) => a.status === 'fulfilled')).toHaveLength(1);
  expect(await requests.ledger.jobs()).toHaveLength(1);
});

it('refuses a submission whole, and gives back what its other jobs had taken', async () => {
  await requests.submit({ text: 'taken' });
  const refused = requests.acceptance.submit({
    tenantId: 'acme',
    jobs: [requests.job({ text: 'free' }), requests.job({ text: 'taken' })],
  });
  await expect(refused).rejects.toThrow(UniqueConflict);
  expect(await requests.ledger.jobs()).toHaveLength(1);
  await expect(requests.submit({ text: 'free' })).resolves.toMatchObject({ existing: [] });
});

it('judges a refused idempotent request anew, and remembers a stand-in', async () => {
  const first = await requests.submit();
  const bodyHash = Buffer.alloc(32, 1);
  const again = (mode: UniqueRule['mode'], key: string) =>
    requests.acceptance.submit({
      tenantId: 'acme',
      jobs: [requests.job({ mode })],
      idempotency: { route: 'r', key, bodyHash },
    });
  await expect(again('reject', 'k1')).rejects.toThrow(UniqueConflict);
  expect(await again('return_existing', 'k2')).toMatchObject({ jobIds: first.jobIds, repeated: false });
  await requests.finish(first.jobIds[0] as string);
  expect(await again('reject', 'k1')).toMatchObject({ repeated: false, existing: [] });
  expect(await again('return_existing', 'k2')).toMatchObject({ jobIds: first.jobIds, repeated: true });
});

it('removes keys whose period has been over for long, unless their job is not', async () => {
  const throttle = { mode: 'throttle', periodMs: 1_000 } as const;
  const { jobIds } = await requests.submit({ ...throttle, text: 'over' });
  await requests.submit({ ...throttle, text: 'waits' });
  await requests.ledger.dataSource.query(`update ledger.unique_keys set expires_at = now() - interval '2 days'`);
  await forgetExpiredKeys(requests.ledger.dataSource);
  const count = async () => (await requests.ledger.dataSource.query(`select from ledger.unique_keys`)).length;
  expect(await count()).toBe(2);
  // The end of the job gives it back by itself.
  await requests.finish(jobIds[0] as string);
  expect(await count()).toBe(1);
  await requests.ledger.dataSource.query(`update ledger.jobs set state = 'cancelled'`);
  await forgetExpiredKeys(requests.ledger.dataSource);
  expect(await count()).toBe(0);
});
