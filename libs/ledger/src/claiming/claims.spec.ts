import { Dropped_Reason, RevokedAttempt_Reason, WorkerHeartbeat, type ClaimDecision } from '@roundhouse/contracts';
import { success } from '../../e2e/outcome-events.js';
import {
  claimOf,
  eventOf,
  grantedAttempt,
  messageOf,
  nothing,
  probeJob,
  rules,
  silent,
  TestLedger,
} from '../../e2e/test-ledger.js';
import { Cancellation } from '../commands/index.js';
import { Claims } from './claims.js';
import { Heartbeats } from './heartbeats.js';
import { Outcomes } from '../outcomes/index.js';
import { Timekeeper } from '../time/index.js';
import { liveWorkers } from './workers.js';

let ledger: TestLedger;
let claims: Claims;
let timekeeper: Timekeeper;

beforeAll(async () => {
  ledger = await TestLedger.open();
  claims = new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 60_000 });
  timekeeper = new Timekeeper(ledger.dataSource, rules, { ...nothing, log: silent });
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

async function claim(worker: string, jobId: string, redelivered = false): Promise<ClaimDecision> {
  const [[decision] = []] = await claims.answer([claimOf(worker, [jobId], { redelivered })]);
  return decision as ClaimDecision;
}

const droppedBecause = ({ decision }: ClaimDecision) =>
  decision?.$case === 'dropped' ? decision.value.reason : undefined;

function beat(workerId: string, running: { jobId: string; attempt: number }[]) {
  return new Heartbeats(ledger.dataSource, rules).hear(
    WorkerHeartbeat.fromPartial({
      workerId,
      service: 'probe',
      version: '1',
      host: 'h',
      pid: 1,
      queues: ['probes'],
      running,
    }),
  );
}

it('grants a queued job with fence, lease and checkpoint', async () => {
  const id = await ledger.queued();
  await ledger.dataSource.query(`update ledger.jobs set checkpoint = '\\x0102', failures = 2 where id = $1`, [id]);
  const { decision } = await claim('w1', id);
  expect(decision).toMatchObject({
    $case: 'granted',
    value: { attempt: 1, failures: 2, checkpoint: Buffer.from([1, 2]), lease: { seconds: 30, nanos: 0 } },
  });
  const job = await ledger.job(id);
  expect(job).toMatchObject({ state: 'running', attempt: 1, worker_id: 'w1', due_at: job.lease_until });
  expect(job.started_at).not.toBeNull();
  expect(await ledger.historyTypes(id)).toEqual(['running']);
});

it('tells why a delivery is to be forgotten', async () => {
  const running = await ledger.queued();
  await claim('w1', running);
  expect(droppedBecause(await claim('w2', running))).toBe(Dropped_Reason.RUNNING);
  const later = await ledger.queued({ runAt: new Date(Date.now() + 60_000) });
  expect(droppedBecause(await claim('w1', later))).toBe(Dropped_Reason.PARKED);
  const over = await ledger.queued();
  await new Cancellation(ledger.dataSource, rules, nothing).cancel('acme', over);
  expect(droppedBecause(await claim('w1', over))).toBe(Dropped_Reason.FINISHED);
  expect(droppedBecause(await claim('w1', probeJob().id))).toBe(Dropped_Reason.UNKNOWN);
});

it('answers the other claims of a batch when one of them is not even an id', async () => {
  const id = await ledger.queued();
  const [decisions = []] = await claims.answer([claimOf('w1', ['', 'not-an-id', id])]);
  expect(decisions.map(droppedBecause)).toEqual([Dropped_Reason.UNKNOWN, Dropped_Reason.UNKNOWN, undefined]);
  expect(decisions.map(grantedAttempt)).toEqual([undefined, undefined, 1]);
});

it('grants each of 200 jobs once, however many workers claim it at the same time', async () => {
  const ids = await ledger.accept(...Array.from({ length: 200 }, () => probeJob()));
  const other = new Claims(await ledger.another(8), rules, { ...nothing, graceMs: () => 60_000 });
  const workers = Array.from({ length: 6 }, (_, n) => `w${n}`);
  const answers = await Promise.all(
    workers.flatMap((worker, n) => {
      const order = n % 2 === 0 ? ids : ids.toReversed();
      const requests = Array.from({ length: 20 }, (_, i) => claimOf(worker, order.slice(i * 10, i * 10 + 10)));
      const at = n % 3 === 0 ? claims : other;
      return [at.answer(requests.slice(0, 10)), at.answer(requests.slice(10))];
    }),
  );
  const granted = answers.flat(2).filter((decision) => grantedAttempt(decision) !== undefined);
  expect(granted.map((d) => d.jobId).sort()).toEqual([...ids].sort());
  expect(granted.every((d) => grantedAttempt(d) === 1)).toBe(true);
  expect((await ledger.jobs()).every((job) => job.attempt === 1 && job.state === 'running')).toBe(true);
});

it('grants only one of several claims for a job within one batch', async () => {
  const id = await ledger.queued();
  const decisions = await claims.answer([claimOf('w1', [id]), claimOf('w2', [id]), claimOf('w3', [id])]);
  expect(decisions.flat().map(grantedAttempt)).toEqual([1, undefined, undefined]);
});

it('grants again to the same worker, whose answer was lost, under a new fence', async () => {
  const id = await ledger.queued();
  expect(grantedAttempt(await claim('w1', id))).toBe(1);
  expect(grantedAttempt(await claim('w1', id))).toBe(2);
  expect(await ledger.job(id)).toMatchObject({ attempt: 2, crashes: 0, failures: 0, state: 'running' });
});

describe('a redelivered job that somebody else runs', () => {
  it('is parked, and goes out again once the grace is over', async () => {
    const id = await ledger.queued();
    await claim('w1', id);
    expect(droppedBecause(await claim('w2', id, true))).toBe(Dropped_Reason.PARKED);
    expect((await ledger.job(id)).takeover_at).not.toBeNull();
    expect(await timekeeper.handleDue()).toBe(0);
    expect(await ledger.job(id)).toMatchObject({ state: 'running', worker_id: 'w1' });

    await ledger.age(id, 61, 'takeover_at', 'due_at');
    expect(await timekeeper.handleDue()).toBe(1);
    expect(await ledger.job(id)).toMatchObject({
      state: 'queued',
      crashes: 1,
      failures: 0,
      worker_id: null,
      takeover_at: null,
    });
    expect(await ledger.outbox(id)).toMatchObject([{ delay_ms: 0 }]);
    expect(grantedAttempt(await claim('w2', id))).toBe(2);
  });

  it('stays with its worker when that one shows up within the grace', async () => {
    const id = await ledger.queued();
    await claim('w1', id);
    await claim('w2', id, true);
    expect(await beat('w1', [{ jobId: id, attempt: 1 }])).toEqual([]);
    expect((await ledger.job(id)).takeover_at).toBeNull();
    expect((await ledger.job(id)).due_at).toEqual((await ledger.job(id)).lease_until);
    await ledger.age(id, 25, 'due_at', 'lease_until');
    expect(await timekeeper.handleDue()).toBe(0);
    expect(await ledger.job(id)).toMatchObject({ state: 'running', worker_id: 'w1', crashes: 0 });
  });

  it('is not given more time by further redeliveries', async () => {
    const id = await ledger.queued();
    await claim('w1', id);
    await claim('w2', id, true);
    const first = (await ledger.job(id)).takeover_at;
    await claim('w3', id, true);
    expect((await ledger.job(id)).takeover_at).toEqual(first);
  });

  it('is finished by the success of the worker that was taken for dead', async () => {
    const id = await ledger.queued();
    await claim('w1', id);
    await claim('w2', id, true);
    await ledger.age(id, 61, 'takeover_at', 'due_at');
    await timekeeper.handleDue();
    const outcomes = new Outcomes(ledger.dataSource, rules, nothing);
    await outcomes.apply([messageOf(eventOf(id, 1, success()))]);
    expect(await ledger.job(id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(droppedBecause(await claim('w2', id))).toBe(Dropped_Reason.FINISHED);
  });
});

describe('a job that comes out of its wait queue too early', () => {
  it('is sent on for the rest of its time, and runs when it is over', async () => {
    const id = await ledger.queued();
    await ledger.dataSource.query(
      `update ledger.jobs set state = 'retrying', run_at = clock_timestamp() + interval '7 seconds' where id = $1`,
      [id],
    );
    expect(droppedBecause(await claim('w1', id))).toBe(Dropped_Reason.PARKED);
    const [delivery] = await ledger.outbox(id);
    expect(delivery?.delay_ms).toBeGreaterThan(5_000);
    expect(delivery?.delay_ms).toBeLessThanOrEqual(7_000);
    await ledger.age(id, 8, 'run_at');
    expect(grantedAttempt(await claim('w1', id))).toBe(1);
  });
});

describe('a heartbeat', () => {
  it('renews leases and keeps the record of the worker', async () => {
    const id = await ledger.queued();
    await claim('w1', id);
    await ledger.age(id, 20, 'lease_until', 'due_at');
    const before = (await ledger.job(id)).lease_until as Date;
    expect(await beat('w1', [{ jobId: id, attempt: 1 }])).toEqual([]);
    const after = await ledger.job(id);
    expect((after.lease_until as Date).getTime() - before.getTime()).toBeGreaterThan(15_000);
    expect(after.due_at).toEqual(after.lease_until);
    expect(await liveWorkers(ledger.dataSource)).toMatchObject([{ id: 'w1', running: 1, queues: ['probes'] }]);
  });

  it('of a worker that was not granted the attempt renews nothing, and is told so', async () => {
    const id = await ledger.queued();
    await claim('w1', id);
    await ledger.age(id, 20, 'lease_until', 'due_at');
    const before = await ledger.job(id);
    expect(await beat('stranger', [{ jobId: id, attempt: 1 }])).toMatchObject([
      { jobId: id, reason: RevokedAttempt_Reason.SUPERSEDED },
    ]);
    expect(await ledger.job(id)).toEqual(before);
  });

  it('names the attempts that must stop', async () => {
    const [cancelled, replaced, finished, unknown] = [
      await ledger.queued(),
      await ledger.queued(),
      await ledger.queued(),
      probeJob().id,
    ];
    for (const id of [cancelled, replaced, finished]) await claim('w1', id);
    const cancellation = new Cancellation(ledger.dataSource, rules, nothing);
    await cancellation.cancel('acme', cancelled);
    await claim('w1', replaced);
    await ledger.dataSource.query(`update ledger.jobs set state = 'succeeded' where id = $1`, [finished]);
    const revoked = await beat(
      'w1',
      [cancelled, replaced, finished, unknown].map((jobId) => ({ jobId, attempt: 1 })),
    );
    const { CANCELLED, SUPERSEDED } = RevokedAttempt_Reason;
    expect(revoked.map(({ jobId, reason }) => [jobId, reason])).toEqual([
      [cancelled, CANCELLED],
      [replaced, SUPERSEDED],
      [finished, SUPERSEDED],
      [unknown, SUPERSEDED],
    ]);
    expect((await ledger.job(finished)).state).toBe('succeeded');
  });
});
