import { catalogueRules } from '../records/index.js';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { probeJob, TestLedger } from '../../e2e/test-ledger.js';
import type { Accepted, Submission } from './submission.js';
import { Acceptance } from './acceptance.js';
import { forgetIdempotencyKeys, IdempotencyConflict } from './idempotency.js';

let ledger: TestLedger;
let other: DataSource;
let nudges = 0;
let acceptance: Acceptance;
let elsewhere: Acceptance;

beforeAll(async () => {
  ledger = await TestLedger.open();
  other = await ledger.another();
  acceptance = new Acceptance(ledger.dataSource, catalogueRules(), () => (nudges += 1));
  elsewhere = new Acceptance(other, catalogueRules(), () => undefined);
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  nudges = 0;
});

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

function keyed(key: string, body = 'body', jobs = 1, tenantId = 'acme', route = 'POST /v1/jobs'): Submission {
  return {
    tenantId,
    jobs: Array.from({ length: jobs }, () => probeJob({ tenantId })),
    idempotency: { route, key, bodyHash: hashOf(body) },
  };
}

it('stores a job with its delivery, and tells the relay once it is committed', async () => {
  const job = probeJob();
  expect(await acceptance.submit({ tenantId: 'acme', jobs: [job] })).toEqual({
    jobIds: [job.id],
    repeated: false,
    existing: [],
  });
  expect(await ledger.job(job.id)).toMatchObject({ state: 'queued', attempt: 0, failures: 0, due_at: null });
  expect(await ledger.outbox(job.id)).toMatchObject([{ delay_ms: 0 }]);
  expect(nudges).toBe(1);
});

it('lets requests of about the same time share commits', async () => {
  const submissions = Array.from({ length: 200 }, () => ({ tenantId: 'acme', jobs: [probeJob()] }));
  await Promise.all(submissions.map((submission) => acceptance.submit(submission)));
  const [row] = await ledger.dataSource.query<{ jobs: number; commits: number }[]>(
    `select count(*)::integer as jobs, count(distinct xmin::text)::integer as commits from ledger.jobs`,
  );
  expect(row?.jobs).toBe(200);
  expect(row?.commits).toBeLessThanOrEqual(10);
  expect(await ledger.outbox()).toHaveLength(200);
});

it('keeps a job for later as scheduled, without a delivery, and treats a past time as at once', async () => {
  const later = probeJob({ runAt: new Date(Date.now() + 3_600_000) });
  const past = probeJob({ runAt: new Date(Date.now() - 3_600_000) });
  await acceptance.submit({ tenantId: 'acme', jobs: [later, past] });
  const row = await ledger.job(later.id);
  expect(row).toMatchObject({ state: 'scheduled', run_at: later.runAt, due_at: later.runAt });
  expect(await ledger.outbox(later.id)).toEqual([]);
  expect(await ledger.job(past.id)).toMatchObject({ state: 'queued', due_at: null });
  expect(await ledger.outbox(past.id)).toHaveLength(1);
});

it('stores all jobs of a submission or none', async () => {
  const first = probeJob();
  const twice = probeJob({ id: first.id });
  await expect(acceptance.submit({ tenantId: 'acme', jobs: [probeJob(), first, twice] })).rejects.toThrow(
    /duplicate key/,
  );
  expect(await ledger.jobs()).toEqual([]);
  expect(await ledger.outbox()).toEqual([]);
  expect(nudges).toBe(0);
});

describe('an idempotency key', () => {
  it('answers the same body with the same ids and another one with a conflict', async () => {
    const first = keyed('k1', 'a', 3);
    const accepted = await acceptance.submit(first);
    expect(await acceptance.submit(keyed('k1', 'a', 3))).toMatchObject({ jobIds: accepted.jobIds, repeated: true });
    expect(await elsewhere.submit(keyed('k1', 'a', 3))).toMatchObject({ jobIds: accepted.jobIds, repeated: true });
    await expect(acceptance.submit(keyed('k1', 'b', 3))).rejects.toThrow(IdempotencyConflict);
    expect(await ledger.jobs()).toHaveLength(3);
    expect(await ledger.outbox()).toHaveLength(3);
  });

  it('belongs to a tenant and a route', async () => {
    await acceptance.submit(keyed('k1', 'a', 1, 'acme', 'POST /v1/jobs'));
    expect(await acceptance.submit(keyed('k1', 'b', 1, 'globex', 'POST /v1/jobs'))).toMatchObject({ repeated: false });
    expect(await acceptance.submit(keyed('k1', 'c', 1, 'acme', 'POST /v1/jobs/bulk'))).toMatchObject({
      repeated: false,
    });
    expect(await ledger.jobs()).toHaveLength(3);
  });

  it('is settled within one batch as well, and a conflict rejects only its own request', async () => {
    const results = await Promise.allSettled([
      acceptance.submit(keyed('k1', 'a')),
      acceptance.submit(keyed('k1', 'a')),
      acceptance.submit(keyed('k1', 'b')),
      acceptance.submit({ tenantId: 'acme', jobs: [probeJob()] }),
    ]);
    expect(results.map((r) => r.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await ledger.jobs()).toHaveLength(2);
  });

  it('gives 50 simultaneous requests at two gateways one set of jobs', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? acceptance : elsewhere).submit(keyed('k1', 'a', 2))),
    );
    expect(new Set(answers.map((a) => a.jobIds.join())).size).toBe(1);
    expect(answers.filter((a) => !a.repeated)).toHaveLength(1);
    expect((await ledger.jobs()).map((job) => job.id).sort()).toEqual([...(answers[0]?.jobIds ?? [])].sort());
  });

  it('does not deadlock two gateways that get the same keys in opposite order', async () => {
    const keys = Array.from({ length: 150 }, (_, i) => `k${i}`);
    for (let round = 0; round < 5; round += 1) {
      await ledger.clear();
      const one = keys.map((key) => acceptance.submit(keyed(key)));
      const two = keys.toReversed().map((key) => elsewhere.submit(keyed(key)));
      const [here, there] = [await Promise.all(one), (await Promise.all(two)).reverse()];
      const same = (a: Accepted, i: number) => a.jobIds[0] === there[i]?.jobIds[0];
      expect(here.every(same)).toBe(true);
      expect(await ledger.jobs()).toHaveLength(keys.length);
    }
  });

  it('is free again when the transaction that held it was rolled back', async () => {
    const job = probeJob();
    await acceptance.submit({ tenantId: 'acme', jobs: [job] });
    const broken = { ...keyed('k1', 'a'), jobs: [probeJob({ id: job.id })] };
    await expect(acceptance.submit(broken)).rejects.toThrow(/duplicate key/);
    expect(await acceptance.submit(keyed('k1', 'b'))).toMatchObject({ repeated: false });
  });

  it('is forgotten after a week', async () => {
    await acceptance.submit(keyed('old', 'a'));
    await acceptance.submit(keyed('new', 'a'));
    await ledger.dataSource.query(
      `update ledger.idempotency_keys set created_at = now() - interval '7 days 1 minute' where key = 'old'`,
    );
    await forgetIdempotencyKeys(ledger.dataSource);
    expect(await acceptance.submit(keyed('old', 'b'))).toMatchObject({ repeated: false });
    expect(await acceptance.submit(keyed('new', 'a'))).toMatchObject({ repeated: true });
  });
});
