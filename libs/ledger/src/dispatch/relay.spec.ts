import { waitFor } from '@roundhouse/testing';
import { nothing, probeJob, rules, silent, TestLedger } from '../../e2e/test-ledger.js';
import { Cancellation } from '../commands/index.js';
import { bundleLimit, DispatchWindow } from './dispatch-window.js';
import type { OutboxRow } from './outbox.js';
import { parcelsOf } from './parcels.js';
import type { Dispatch } from './publish-parcel.js';
import { Relay, type RelayOptions } from './relay.js';

let ledger: TestLedger;
const relays: Relay[] = [];
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
});

/** Every job by itself; for messages with several see `bundles`. */
async function start(
  publish: (dispatch: Dispatch) => Promise<void>,
  options: Partial<RelayOptions> = {},
): Promise<Relay> {
  const relay = new Relay(await ledger.another(), {
    publish: async (dispatches) => void (await Promise.all(dispatches.map(publish))),
    canPublish: () => true,
    log: silent,
    pollMs: 20,
    ...options,
  });
  relays.push(relay);
  relay.start();
  return relay;
}

const empty = () => waitFor(async () => (await ledger.outbox()).length === 0, { describe: 'an empty outbox' });
const jobs = (count: number, queue = 'probes') => Array.from({ length: count }, () => probeJob({ queue }));

it('sends what a worker needs and forgets it once the broker has it', async () => {
  const job = probeJob({ timeoutMs: 1_234 });
  const sent: Dispatch[] = [];
  await ledger.accept(job);
  await start(async (dispatch) => void sent.push(dispatch));
  await empty();
  expect(sent).toMatchObject([
    {
      jobId: job.id,
      tenantId: 'acme',
      kind: 'platform.probe',
      version: 1,
      queue: 'probes',
      timeoutMs: 1_234,
      delayMs: 0,
      traceparent: job.traceparent,
    },
  ]);
  expect(sent[0]?.payload).toEqual(Buffer.from(job.payload));
});

it('notices new rows by itself, and at once when it is nudged', async () => {
  let sent = 0;
  await start(async () => void (sent += 1));
  await ledger.accept(probeJob());
  await waitFor(() => sent === 1);
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  const relay = await start(async () => void (sent += 1), { pollMs: 3_600_000 });
  await empty();
  await ledger.accept(probeJob());
  await waitFor(() => (relay.nudge(), sent === 2));
  await empty();
});

it('sends again what was published but not yet forgotten when it crashed', async () => {
  const ids = await ledger.accept(...jobs(3));
  const sent: string[] = [];
  const broken = await ledger.another(2);
  const crashing = new Relay(broken, {
    publish: async (dispatches) => void sent.push(...dispatches.map(({ jobId }) => jobId)),
    canPublish: () => true,
    log: silent,
    pollMs: 3_600_000,
  });
  // The connection goes with the process, before the commit.
  const transaction = broken.transaction as (work: (tx: unknown) => Promise<unknown>) => Promise<unknown>;
  broken.transaction = (async (work: (tx: unknown) => Promise<unknown>) =>
    transaction.call(broken, async (tx) => {
      await work(tx);
      throw new Error('killed before the commit');
    })) as never;
  crashing.start();
  await waitFor(() => sent.length >= 3);
  await crashing.stop();
  const first = sent.splice(0);
  expect([...new Set(first)].sort()).toEqual([...ids].sort());
  expect(await ledger.outbox()).toHaveLength(3);
  await start(async ({ jobId }) => void sent.push(jobId));
  await empty();
  expect([...sent].sort()).toEqual([...ids].sort());
});

it('does nothing while the broker is away', async () => {
  let away = true;
  let sent = 0;
  await ledger.accept(...jobs(2));
  let looks = 0;
  await start(async () => void (sent += 1), { canPublish: () => ((looks += 1), !away) });
  await waitFor(() => looks > 3);
  expect(sent).toBe(0);
  away = false;
  await empty();
  expect(sent).toBe(2);
});

it('keeps what no queue takes, without keeping the others from being sent', async () => {
  const nowhere = await ledger.accept(...jobs(25, 'nowhere'));
  const ids = await ledger.accept(...jobs(40));
  const sent: string[] = [];
  let bound = false;
  await start(
    async ({ jobId, queue }) => {
      if (queue === 'nowhere' && !bound) throw new Error('No queue is bound');
      sent.push(jobId);
    },
    { batchSize: 5 },
  );
  await waitFor(() => sent.length === ids.length);
  expect([...sent].sort()).toEqual([...ids].sort());
  // The last rows are removed a moment after their confirm.
  await waitFor(async () => (await ledger.outbox()).length === nowhere.length, { describe: 'the rest to be removed' });
  expect(new Set((await ledger.outbox()).map((row) => row.job_id))).toEqual(new Set(nowhere));
  bound = true;
  await empty();
  expect(sent).toHaveLength(65);
});

it('does not hand a delivery to the publisher again while that one is still at it', async () => {
  const [id] = await ledger.accept(probeJob());
  const calls: string[] = [];
  let confirm: () => void = () => undefined;
  let looks = 0;
  await start(
    ({ jobId }) => {
      calls.push(jobId);
      return new Promise((resolve) => (confirm = resolve));
    },
    { confirmPatienceMs: 10, canPublish: () => ((looks += 1), true) },
  );
  await waitFor(() => looks > 8);
  expect(calls).toEqual([id]);
  expect(await ledger.outbox()).toHaveLength(1);
  confirm();
  await empty();
  expect(calls).toEqual([id]);
});

it('does not send a job that was cancelled meanwhile', async () => {
  const [cancelled, other] = await ledger.accept(probeJob(), probeJob());
  await new Cancellation(ledger.dataSource, rules, nothing).cancel('acme', cancelled as string);
  const sent: string[] = [];
  await start(async ({ jobId }) => void sent.push(jobId));
  await empty();
  expect(sent).toEqual([other]);
});

it('shares the work with another relay, and nothing is sent twice', async () => {
  const ids = await ledger.accept(...jobs(600));
  const byRelay: [string[], string[]] = [[], []];
  const slow = async () => new Promise<void>((resolve) => setImmediate(resolve));
  await start(async ({ jobId }) => (byRelay[0].push(jobId), slow()), { batchSize: 20 });
  await start(async ({ jobId }) => (byRelay[1].push(jobId), slow()), { batchSize: 20 });
  await empty();
  expect(byRelay.flat().sort()).toEqual([...ids].sort());
  expect(byRelay.map((sent) => sent.length > 0)).toEqual([true, true]);
});

describe('on a queue that is worked off fast', () => {
  /** A window that has seen thousands of jobs a second go. */
  async function fastWindow(): Promise<DispatchWindow> {
    let now = 0;
    const flight = { sent: 0, landed: 0, ended: 0, claimedTo: 0 };
    const flights = { of: () => flight, underWay: () => 0, sync: async () => undefined, sent: () => undefined };
    const window = new DispatchWindow(
      flights,
      async () => ({ ready: 0, consumers: 1 }),
      () => now,
    );
    for (; now < 10_000; now += 100) {
      await window.room('probes');
      flight.ended += 1_000;
    }
    return window;
  }

  it('sends many jobs in one message, in their order, and refuses or confirms them together', async () => {
    const ids = await ledger.accept(...jobs(150));
    const retried = probeJob();
    await ledger.accept(retried);
    await ledger.dataSource.query(`update ledger.jobs set attempt = 1 where id = $1`, [retried.id]);
    const messages: string[][] = [];
    let refusals = 2;
    await start(async () => undefined, {
      window: await fastWindow(),
      publish: async (dispatches) => {
        if (dispatches.length > 1 && refusals-- > 0) throw new Error('queue full');
        messages.push(dispatches.map(({ jobId }) => jobId));
      },
    });
    await empty();
    expect(messages.flat().sort()).toEqual([...ids, retried.id].sort());
    // What has been tried goes alone.
    expect(messages).toContainEqual([retried.id]);
    const bundles = messages.filter(({ length }) => length > 1);
    expect(Math.max(...bundles.map(({ length }) => length))).toBe(bundleLimit);
    for (const bundle of bundles) expect(bundle).toEqual([...bundle].sort());
  });

  it('keeps large payloads and long jobs apart', () => {
    const row = (patch: Partial<OutboxRow>) =>
      ({ queue: 'q', delay_ms: 0, fresh: true, timeout_ms: 1_000, payload: Buffer.alloc(10), ...patch }) as OutboxRow;
    const large = row({ payload: Buffer.alloc(200 * 1024) });
    const sizes = (rows: OutboxRow[], size = 10) => parcelsOf(rows, () => size).map(({ length }) => length);
    expect(sizes([large, large, row({}), row({})])).toEqual([1, 3]);
    expect(
      sizes([row({}), row({ timeout_ms: 900_000 }), row({ delay_ms: 5 }), row({ fresh: false }), row({})]),
    ).toEqual([2, 1, 1, 1]);
    expect(sizes([row({}), row({ queue: 'other' }), row({}), row({ queue: 'other' })])).toEqual([2, 2]);
    expect(sizes([row({}), row({}), row({})], 2)).toEqual([2, 1]);
    expect(sizes([row({}), row({})], 1)).toEqual([1, 1]);
  });
});
