import { claimOf, nothing, probeJob, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Cancellation } from './cancellation.js';
import { Claims } from '../claiming/index.js';

let ledger: TestLedger;
let stopped: [string, number][] = [];
let cancellation: Cancellation;
beforeAll(async () => {
  ledger = await TestLedger.open();
  cancellation = new Cancellation(ledger.dataSource, rules, {
    onChanged: () => undefined,
    stop: (id, attempt) => stopped.push([id, attempt]),
  });
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  stopped = [];
});

it('ends a waiting job at once', async () => {
  const later = probeJob({ runAt: new Date(Date.now() + 60_000) });
  for (const [job, types] of [[probeJob(), ['cancelled']] as const, [later, ['scheduled', 'cancelled']] as const]) {
    await ledger.accept(job);
    expect(await cancellation.cancel('acme', job.id)).toEqual({ state: 'cancelled', stopping: false, changed: true });
    expect(await ledger.job(job.id)).toMatchObject({ state: 'cancelled', due_at: null });
    expect(await ledger.historyTypes(job.id)).toEqual(types);
    expect(await cancellation.cancel('acme', job.id)).toEqual({ state: 'cancelled', stopping: false, changed: false });
  }
  expect(stopped).toEqual([]);
});

it('tells the worker of a running job once, and sets a deadline', async () => {
  const id = await ledger.queued();
  await new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 0 }).answer([claimOf('w1', [id])]);
  expect(await cancellation.cancel('acme', id)).toEqual({ state: 'running', stopping: true, changed: true });
  expect(await cancellation.cancel('acme', id)).toEqual({ state: 'running', stopping: true, changed: false });
  expect(stopped).toEqual([[id, 1]]);
  const job = await ledger.job(id);
  expect((job.due_at as Date).getTime() - (job.cancel_requested_at as Date).getTime()).toBeLessThanOrEqual(30_000);
});

it('does not know jobs of another tenant, ids of no job and texts that are no ids', async () => {
  const id = await ledger.queued({ tenantId: 'globex' });
  for (const unknown of [id, probeJob().id, 'abc']) expect(await cancellation.cancel('acme', unknown)).toBeUndefined();
  expect((await ledger.job(id)).state).toBe('queued');
});
