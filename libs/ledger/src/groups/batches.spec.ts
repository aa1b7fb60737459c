import { catalogue, DeliverWebhookRequest, type JobEvent, type KindDefinition } from '@roundhouse/contracts';
import { waitFor } from '@roundhouse/testing';
import fc from 'fast-check';
import { death, success } from '../../e2e/outcome-events.js';
import {
  claimOf,
  eventOf,
  grantedAttempt,
  messageOf,
  probeJob,
  rules,
  silent,
  TestLedger,
  traceparent,
} from '../../e2e/test-ledger.js';
import { BatchCancellation } from './batch-cancellation.js';
import { BatchReader, type BatchView } from './batch-reader.js';
import { BatchClosed, Batches, type NewBatch } from './batches.js';
import { Cancellation } from '../commands/index.js';
import { Claims } from '../claiming/index.js';
import { inTransaction } from '../storage/index.js';
import { jobOfKind, LockedJobs } from '../records/index.js';
import { Outcomes } from '../outcomes/index.js';
import { Webhooks } from '../notices/index.js';
import { writeJobs } from '../transitions/index.js';

let ledger: TestLedger;
let batches: Batches;
let reader: BatchReader;
let claims: Claims;
let outcomes: Outcomes;
let cancellation: Cancellation;
let batchCancellation: BatchCancellation;
const stopped: string[] = [];
const ignore = () => undefined;

beforeAll(async () => {
  ledger = await TestLedger.open();
  const { dataSource } = ledger;
  const options = { graceMs: () => 1_000, onChanged: ignore, onDispatch: ignore, onDomainEvents: ignore };
  batches = new Batches(dataSource, rules, ignore);
  reader = new BatchReader(dataSource);
  claims = new Claims(dataSource, rules, options);
  outcomes = new Outcomes(dataSource, rules, options);
  const cancelling = { ...options, stop: (jobId: string) => void stopped.push(jobId), log: silent };
  cancellation = new Cancellation(dataSource, rules, cancelling);
  batchCancellation = new BatchCancellation(dataSource, rules, { ...cancelling, intervalMs: 50 });
});
afterAll(async () => {
  await batchCancellation?.stop();
  await ledger?.close();
});

const probes = (n: number) => Array.from({ length: n }, () => probeJob());
const noop = (text: string) => ({
  kind: 'platform.noop',
  payload: Buffer.from([10, text.length, ...Buffer.from(text)]),
});

async function created(jobs: number, overrides: Partial<NewBatch> = {}) {
  return batches.create({
    tenantId: 'acme',
    name: 'nightly',
    jobs: probes(jobs),
    sealed: true,
    callbacks: {},
    traceparent: '',
    ...overrides,
  });
}

async function view(id: string): Promise<BatchView> {
  const batch = await reader.get('acme', id, false);
  if (!batch) throw new Error(`There is no batch ${id}`);
  return batch;
}

async function granted(...ids: string[]): Promise<number[]> {
  const [decisions] = await claims.answer([claimOf('w1', ids)]);
  return decisions!.map((decision) => grantedAttempt(decision) ?? 0);
}

async function end(id: string, how: JobEvent['event']): Promise<void> {
  const [attempt] = await granted(id);
  await outcomes.apply([messageOf(eventOf(id, attempt!, how))]);
}

async function redrive(id: string): Promise<void> {
  await inTransaction(ledger.dataSource, async (tx) => {
    const locked = await LockedJobs.byId(tx, [id], rules);
    locked.apply(locked.get(id)!, { type: 'redrive' });
    await writeJobs(tx, locked, rules);
  });
}

async function callbacks(): Promise<string[]> {
  const rows = await ledger.dataSource.query<{ payload: Buffer }[]>(
    `select payload from ledger.jobs where kind = 'platform.noop' order by id`,
  );
  return rows.map(({ payload }) => payload.subarray(2).toString());
}

const all = { on_success: noop('success'), on_death: noop('death'), on_complete: noop('complete') };
beforeEach(() => ledger.clear());

it('names the jobs that were dropped, also to a repeated request, and counts them not', async () => {
  const kind = catalogue.kind('platform.probe') as KindDefinition;
  const unique = { key: 'taken', mode: 'return_existing' } as const;
  const job = () => jobOfKind(kind, new Uint8Array(), { tenantId: 'acme', traceparent, overrides: { unique } });
  const first = await created(0, { jobs: [job(), probeJob()] });
  expect(first.dropped).toEqual([]);
  const idempotency = { route: 'r', key: 'k', bodyHash: Buffer.alloc(32) };
  const jobs = () => [probeJob(), job()];
  const second = await created(0, { jobs: jobs(), idempotency });
  expect(second).toMatchObject({ jobIds: [expect.any(String), first.jobIds[0]], dropped: [1], repeated: false });
  expect(await created(0, { jobs: jobs(), idempotency })).toEqual({ ...second, repeated: true });
  expect((await reader.get('acme', second.id, false))?.total).toBe(1);
});

it('counts its jobs and calls back in the transaction that completes it', async () => {
  const { id, jobIds } = await created(3, { callbacks: all });
  expect(await view(id)).toMatchObject({ total: 3, succeeded: 0, running: 0, finished_at: null });
  await end(jobIds[0]!, success());
  await granted(jobIds[1]!);
  expect(await view(id)).toMatchObject({ succeeded: 1, running: 1, finished_at: null });
  await outcomes.apply([messageOf(eventOf(jobIds[1]!, 1, success()))]);
  expect(await callbacks()).toEqual([]);
  await end(jobIds[2]!, success());
  const done = await view(id);
  expect(done).toMatchObject({ succeeded: 3, finished_at: expect.any(Date) });
  expect(Object.keys(done.callback_jobs).sort()).toEqual(['on_complete', 'on_success']);
  expect(await callbacks()).toEqual(['success', 'complete']);
});

it('calls on_death at the first death only, and on_success never then', async () => {
  const { id, jobIds } = await created(3, { callbacks: all });
  await end(jobIds[0]!, death);
  expect(await callbacks()).toEqual(['death']);
  await end(jobIds[1]!, death);
  await end(jobIds[2]!, success());
  expect(await callbacks()).toEqual(['death', 'complete']);
  expect(await view(id)).toMatchObject({ succeeded: 1, dead: 2, finished_at: expect.any(Date) });
});

it('opens again when a dead job is redriven; each callback comes once in its life', async () => {
  const { id, jobIds } = await created(2, { callbacks: all });
  await end(jobIds[0]!, success());
  await end(jobIds[1]!, death);
  await redrive(jobIds[1]!);
  expect(await view(id)).toMatchObject({ succeeded: 1, dead: 0, finished_at: null });
  await end(jobIds[1]!, death);
  await redrive(jobIds[1]!);
  await end(jobIds[1]!, success());
  expect(await view(id)).toMatchObject({ succeeded: 2, dead: 0, finished_at: expect.any(Date) });
  expect(await callbacks()).toEqual(['death', 'complete', 'success']);
});

it('takes jobs while it is open, and is not complete before it is sealed', async () => {
  const { id, jobIds } = await created(1, { sealed: false, callbacks: all });
  await end(jobIds[0]!, success());
  const added = await batches.add('acme', id, probes(2));
  expect(added?.total).toBe(3);
  for (const job of added!.jobIds) await end(job, success());
  expect(await view(id)).toMatchObject({ total: 3, succeeded: 3, finished_at: null });
  expect(await batches.seal('acme', id)).toBe(true);
  expect(await batches.seal('acme', id)).toBe(true);
  expect(await view(id)).toMatchObject({ sealed: true, finished_at: expect.any(Date) });
  expect(await callbacks()).toEqual(['success', 'complete']);
  await expect(batches.add('acme', id, probes(1))).rejects.toThrow(BatchClosed);
  expect(await ledger.dataSource.query(`select from ledger.jobs where batch_id = $1`, [id])).toHaveLength(3);
});

it('is complete at once when it is sealed and empty, and is nobody else’s', async () => {
  const { id } = await created(0, { callbacks: all });
  expect(await view(id)).toMatchObject({ total: 0, finished_at: expect.any(Date) });
  expect(await callbacks()).toEqual(['success', 'complete']);
  expect(await reader.get('other', id, false)).toBeUndefined();
  expect(await batches.add('other', id, probes(1))).toBeUndefined();
  expect(await batches.seal('other', id)).toBe(false);
  expect(await batchCancellation.request('other', id)).toBe(false);
});

it('answers a repeated request with the first batch and its jobs', async () => {
  const idempotency = { route: 'POST /v1/batches', key: 'k1', bodyHash: Buffer.from('h') };
  const first = await created(2, { idempotency });
  const again = await created(2, { idempotency });
  expect(again).toEqual({ ...first, repeated: true });
  expect((await reader.list('acme', false, undefined, 10)).batches.filter(({ id }) => id === first.id)).toHaveLength(1);
  expect(await ledger.jobs()).toHaveLength(2);
});

it('cancels everything that is not over, in steps, and refuses what comes meanwhile', async () => {
  const { id, jobIds } = await created(1_200, { sealed: false, callbacks: all });
  await end(jobIds[0]!, success());
  await granted(jobIds[1_199]!);
  expect(await batchCancellation.request('acme', id)).toBe(true);
  await expect(batches.add('acme', id, probes(1))).rejects.toThrow(BatchClosed);
  await waitFor(() => stopped.includes(jobIds[1_199]!));
  expect(await view(id)).toMatchObject({ succeeded: 1, cancelled: 1_198, running: 1, finished_at: null });
  await outcomes.apply([messageOf(eventOf(jobIds[1_199]!, 1, { $case: 'cancelled', value: {} }))]);
  expect(await view(id)).toMatchObject({ succeeded: 1, cancelled: 1_199, finished_at: expect.any(Date) });
  expect(await callbacks()).toEqual(['complete']);
});

type Step = { job: number; how: 'succeed' | 'die' | 'cancel' | 'redrive' };

it('counts what the rows say after any ends, redrives and cancellations, several at a time', async () => {
  const steps = fc.array(
    fc.record<Step>({ job: fc.nat(7), how: fc.constantFrom('succeed', 'die', 'cancel', 'redrive') }),
    { minLength: 5, maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const batchIds = await Promise.all([created(4), created(4)]);
      const jobIds = batchIds.flatMap((batch) => batch.jobIds);
      const act = async ({ job, how }: Step) => {
        const id = jobIds[job]!;
        if (how === 'cancel') return cancellation.cancel('acme', id);
        if (how === 'redrive') return redrive(id);
        const [attempt] = await granted(id);
        if (attempt) await outcomes.apply([messageOf(eventOf(id, attempt, how === 'die' ? death : success()))]);
      };
      for (let i = 0; i < plan.length; i += 4) await Promise.all(plan.slice(i, i + 4).map(act));
      for (const { id } of batchIds) {
        const [rows] = await ledger.dataSource.query(
          `select count(*) filter (where state = 'succeeded')::integer as succeeded, count(*) filter (where state = 'dead')::integer as dead,
                  count(*) filter (where state = 'cancelled')::integer as cancelled from ledger.jobs where batch_id = $1`,
          [id],
        );
        const counted = await view(id);
        expect(counted).toMatchObject(rows as object);
        expect(counted.finished_at !== null).toBe(counted.succeeded + counted.dead + counted.cancelled === 4);
      }
    }),
    { numRuns: 40 },
  );
});

it('tells webhooks once that a batch is over, with how its jobs ended', async () => {
  const webhook = { name: 'ops', url: 'https://hooks.example/x', events: ['batch.completed'], enabled: true };
  await new Webhooks(ledger.dataSource).put('acme', webhook, () => 'sealed', 'ops (0123)');
  const { id, jobIds } = await created(3);
  const [fine, other, last] = jobIds as [string, string, string];
  await end(fine, success());
  await end(other, death);
  const told = async () =>
    (await ledger.jobs())
      .filter(({ kind }) => kind === 'platform.deliver_webhook')
      .map(({ payload }) => JSON.parse(DeliverWebhookRequest.decode(payload).body));
  expect(await told()).toEqual([]);
  await end(last, success());
  await outcomes.apply([messageOf(eventOf(last, 1, success()))]);
  expect(await told()).toEqual([
    {
      type: 'batch.completed',
      timestamp: expect.any(String),
      data: { batch_id: id, total: 3, succeeded: 2, dead: 1, cancelled: 0 },
    },
  ]);
});
