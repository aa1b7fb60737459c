import { JobDelivery } from '@roundhouse/contracts';
import { claimOf, nothing, probeJob, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Claims } from '../claiming/index.js';
import { Quarantine, unknownTenant, type QuarantinedDelivery } from './quarantine.js';

let ledger: TestLedger;
let quarantine: Quarantine;
let changed: string[] = [];
beforeAll(async () => {
  ledger = await TestLedger.open();
  quarantine = new Quarantine(ledger.dataSource, rules, (jobs) => changed.push(...[...jobs].map((job) => job.id)));
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  changed = [];
});

const body = Buffer.from([0, 1, 2, 255, 254]);
const delivery = (overrides: Partial<QuarantinedDelivery> = {}): QuarantinedDelivery => ({
  jobId: undefined,
  tenantId: undefined,
  kind: undefined,
  queue: undefined,
  reason: 'body is not a JobDelivery',
  body,
  ...overrides,
});

const own = { tenantId: 'acme', kind: 'platform.probe', queue: 'probes' };

it('makes the job of a poisoned delivery dead, with the reason, and tells its viewers', async () => {
  const id = await ledger.queued();
  await quarantine.record(delivery({ jobId: id, ...own }));
  expect(await ledger.job(id)).toMatchObject({
    state: 'dead',
    error: { code: 'POISON', message: 'body is not a JobDelivery', retryable: false },
  });
  expect(await ledger.historyTypes(id)).toEqual(['dead']);
  expect(changed).toEqual([id]);
  await quarantine.record(delivery({ jobId: id, ...own }));
  expect(await ledger.historyTypes(id)).toEqual(['dead']);
  expect(await ledger.jobs()).toHaveLength(1);
});

it('does not end a job that a worker could read, or that is over', async () => {
  const id = await ledger.queued();
  await new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 0 }).answer([claimOf('w1', [id])]);
  await quarantine.record(delivery({ jobId: id, ...own }));
  expect(await ledger.job(id)).toMatchObject({ state: 'running', error: null });
  expect(await ledger.historyTypes(id)).toEqual(['running', 'refused']);
  await ledger.dataSource.query(`update ledger.jobs set state = 'succeeded' where id = $1`, [id]);
  await quarantine.record(delivery({ jobId: id, ...own }));
  expect((await ledger.job(id)).state).toBe('succeeded');
});

it.each([
  ['no id', undefined],
  ['an id that is none', 'abc'],
  ['the id of no job', '01890000-0000-7000-8000-000000000000'],
])('keeps the original bytes of a delivery with %s as a dead job', async (_, jobId) => {
  await quarantine.record(delivery({ jobId, tenantId: 'acme', kind: 'platform.probe', queue: 'probes' }));
  const [job] = await ledger.jobs();
  expect(job).toMatchObject({
    state: 'dead',
    tenant_id: 'acme',
    kind: 'platform.probe',
    queue: 'probes',
    error: { code: 'POISON' },
  });
  expect(job?.payload).toEqual(body);
  expect(job?.finished_at).not.toBeNull();
});

it.each([
  ['of another tenant', { tenantId: 'globex' }, 'queued'],
  ['of another kind', { kind: 'platform.noop' }, 'queued'],
  ['of another queue', { queue: 'default' }, 'queued'],
  ['without its properties', { tenantId: undefined }, 'queued'],
  ['of a job whose time has not come', {}, 'scheduled'],
  ['of a job that is held back', {}, 'blocked'],
])('does not end a job for a delivery that cannot be its own: %s', async (_what, overrides, state) => {
  const id = await ledger.queued();
  await ledger.dataSource.query(`update ledger.jobs set state = $2 where id = $1`, [id, state]);
  await quarantine.record(delivery({ jobId: id, ...own, ...overrides }));
  expect(await ledger.job(id)).toMatchObject({ state, error: null });
  const kept = (await ledger.jobs()).filter((job) => job.id !== id);
  expect(kept).toMatchObject([{ state: 'dead', tenant_id: unknownTenant }]);
  expect(kept[0]?.error?.message).toContain(`Says to be of job ${id}`);
  expect(changed).toEqual([]);
});

it('does not end a job whose first delivery is still in the outbox', async () => {
  const [id = ''] = await ledger.accept(probeJob());
  await quarantine.record(delivery({ jobId: id, ...own }));
  expect(await ledger.job(id)).toMatchObject({ state: 'queued' });
});

it('knows a delivery of its own from one that somebody made for a job that is there', async () => {
  const job = probeJob();
  await ledger.accept(job, probeJob());
  const { id: jobId, tenantId, kind, payload } = job;
  const sent = JobDelivery.fromPartial({
    jobId,
    tenantId,
    kind,
    contractVersion: 1,
    payload: Buffer.from(payload),
    timeout: { seconds: 60 },
  });
  const forged: Partial<JobDelivery>[] = [
    { payload: Buffer.from('forged') },
    { tenantId: 'globex' },
    { kind: 'platform.noop' },
    { contractVersion: 2 },
    { timeout: { seconds: 3600, nanos: 0 } },
    { timeout: undefined },
    { jobId: probeJob().id },
    { jobId: 'no id' },
  ];
  expect(await quarantine.genuine('probes', [sent, ...forged.map((each) => ({ ...sent, ...each }))])).toEqual([sent]);
  expect(await quarantine.genuine('default', [sent])).toEqual([]);
  await ledger.dataSource.query(`update ledger.jobs set state = 'succeeded' where id = $1`, [jobId]);
  expect(await quarantine.genuine('probes', [sent])).toEqual([sent]);
});

it('keeps what says nothing about itself for operators', async () => {
  await quarantine.record(delivery({ body: Buffer.alloc(0) }));
  expect(await ledger.jobs()).toMatchObject([{ tenant_id: unknownTenant, kind: 'unknown', queue: 'unknown' }]);
});

it('keeps it whatever its properties are made of', async () => {
  const nasty = 'a\u0000b';
  await quarantine.record(
    delivery({ jobId: nasty, tenantId: nasty, kind: nasty, queue: nasty, reason: `no handler for kind ${nasty}` }),
  );
  expect(await ledger.jobs()).toMatchObject([
    { tenant_id: 'a\ufffdb', kind: 'a\ufffdb', error: { message: 'no handler for kind a\ufffdb' } },
  ]);
  const id = await ledger.queued();
  await quarantine.record(delivery({ jobId: id, ...own, reason: nasty }));
  expect(await ledger.job(id)).toMatchObject({ state: 'dead' });
});
