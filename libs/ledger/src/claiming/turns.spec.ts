import { Dropped_Reason, type ClaimDecision } from '@roundhouse/contracts';
import { claimOf, grantedAttempt, nothing, probeJob, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Claims } from './claims.js';

let ledger: TestLedger;
let claims: Claims;
const returned: string[] = [];
const flights = { claimed: () => undefined, returned: (queue: string) => void returned.push(queue) };

beforeAll(async () => {
  ledger = await TestLedger.open();
  claims = new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 1_000, flights });
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  returned.length = 0;
  await ledger.clear();
});

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);

async function claim(id: string, sentAt: Date | undefined, worker = 'w1'): Promise<ClaimDecision> {
  const request = claimOf(worker, [id]);
  for (const each of request.claims) each.dispatchedAt = sentAt;
  const [[decision] = []] = await claims.answer([request]);
  return decision as ClaimDecision;
}

const isGranted = async (id: string, sentAt: Date | undefined) => grantedAttempt(await claim(id, sentAt)) !== undefined;
const waiting = (overrides: Parameters<typeof probeJob>[0]) => ledger.accept(probeJob(overrides));

/** A job that has been under way for some seconds, as its run time says as well. */
async function underWay(overrides: Parameters<typeof probeJob>[0] = {}): Promise<string> {
  const id = await ledger.queued(overrides);
  await ledger.age(id, 600, 'run_at');
  return id;
}

it('grants what has just been sent, whoever else waits', async () => {
  await waiting({ tenantId: 'b', priority: 100 });
  expect(await isGranted(await underWay(), ago(0.2))).toBe(true);
  // A worker that does not say when it was sent has it from just now.
  expect(await isGranted(await underWay(), undefined)).toBe(true);
});

it('grants what has been under way for long when nobody else waits for the queue', async () => {
  await waiting({ queue: 'elsewhere', tenantId: 'b' });
  await waiting({});
  expect(await isGranted(await underWay(), ago(60))).toBe(true);
  expect(returned).toEqual([]);
});

it.each([
  ['another tenant of the same priority', { tenantId: 'a' }, true],
  ['another tenant, later in the order of names', { tenantId: 'z' }, true],
  ['another tenant with a lower priority', { tenantId: 'z', priority: -1 }, false],
  ['a more urgent job of the same tenant', { priority: 1 }, true],
  ['a less urgent job of the same tenant', { priority: -1 }, false],
])('looks at who waits: %s', async (_who, overrides, givesWay) => {
  await waiting(overrides);
  const id = await underWay();
  expect(await isGranted(id, ago(2))).toBe(!givesWay);
  expect(returned).toEqual(givesWay ? ['probes'] : []);
});

it('goes back to the front of its lane without having lost anything', async () => {
  const later = probeJob();
  await ledger.accept(later);
  const [other = ''] = await waiting({ tenantId: 'b' });
  const id = await underWay();
  const { decision } = await claim(id, ago(2));
  expect(decision).toMatchObject({ $case: 'dropped', value: { reason: Dropped_Reason.PARKED } });
  expect(await ledger.job(id)).toMatchObject({ state: 'queued', attempt: 0, failures: 0, crashes: 0 });
  expect((await ledger.outbox()).map((row) => row.job_id)).toEqual([id, later.id, other]);
});

it('takes a retry that came out of its wait queue into account from when it may run', async () => {
  await waiting({ tenantId: 'b' });
  const [due, long] = [await ledger.queued(), await ledger.queued()];
  await ledger.dataSource.query(`update ledger.jobs set state = 'retrying' where id = any($1::uuid[])`, [[due, long]]);
  expect(await isGranted(due, ago(60))).toBe(true);
  await ledger.age(long, 5, 'run_at');
  expect(await isGranted(long, ago(60))).toBe(false);
  expect(await ledger.job(long)).toMatchObject({ state: 'queued' });
  expect(await ledger.outbox(long)).toMatchObject([{ delay_ms: 0 }]);
  // It did not count as under way.
  expect(returned).toEqual([]);
});

it('may take longer every time, so that it runs even where everything takes long', async () => {
  await waiting({ tenantId: 'b' });
  const id = await underWay();
  let times = 0;
  for (; !(await isGranted(id, ago(100))); times += 1)
    await ledger.dataSource.query(`delete from ledger.outbox where job_id = $1`, [id]);
  expect(times).toBe(7);
  const [row] = await ledger.dataSource.query(`select yields from ledger.jobs where id = $1`, [id]);
  expect(row).toEqual({ yields: 0 });
});

it('never runs before a more urgent one, however often it gave way', async () => {
  await waiting({ tenantId: 'b', priority: 5 });
  const id = await underWay();
  await ledger.dataSource.query(`update ledger.jobs set yields = 100 where id = $1`, [id]);
  expect(await isGranted(id, ago(2))).toBe(false);
});

it('goes back once, however many claim it at the same time', async () => {
  await waiting({ tenantId: 'b' });
  const id = await underWay();
  const requests = ['w1', 'w2', 'w3'].map((worker) => claimOf(worker, [id]));
  for (const { claims: asked } of requests) for (const each of asked) each.dispatchedAt = ago(2);
  const decisions = (await claims.answer(requests)).flat();
  expect(decisions.map(grantedAttempt)).toEqual([undefined, undefined, undefined]);
  expect(await ledger.outbox(id)).toHaveLength(1);
});

it.each([new Date(-1e14), new Date(8e15), new Date(NaN)])(
  'does not mind what a worker says of when it was sent: %p',
  async (sentAt) => {
    await waiting({ tenantId: 'b' });
    expect(await isGranted(await underWay(), sentAt)).toBe(true);
  },
);

it('asks nothing of a running job whose worker has not heard the answer', async () => {
  const id = await underWay();
  expect(await isGranted(id, ago(60))).toBe(true);
  await waiting({ tenantId: 'b' });
  expect(await isGranted(id, ago(60))).toBe(true);
});
