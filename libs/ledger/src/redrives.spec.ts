import { ErrorCode, JobDelivery, ProbeRequest } from '@roundhouse/contracts';
import {
  claimOf,
  eventOf,
  grantedAttempt,
  messageOf,
  probeJob,
  rules,
  silent,
  TestLedger,
} from '../e2e/test-ledger.js';
import { readAudit } from './audit-log.js';
import { Claims } from './claims.js';
import { countDead, deadGroups } from './dead-groups.js';
import { discardDead } from './discards.js';
import { IdempotencyConflict } from './idempotency.js';
import { Outcomes } from './outcomes.js';
import { Quarantine } from './quarantine.js';
import { readRedrives, readSkippedJobs } from './redrive-reader.js';
import { Redriver } from './redriver.js';
import { Redrives, type NewRedrive } from './redrives.js';

const nothing = { onChanged: () => undefined, onDispatch: () => undefined, onDomainEvents: () => undefined };
const actor = 'ops (0123)';
let ledger: TestLedger;
let claims: Claims;
let outcomes: Outcomes;
let redrives: Redrives;
let redriver: Redriver;

beforeAll(async () => {
  ledger = await TestLedger.open();
  claims = new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 60_000 });
  outcomes = new Outcomes(ledger.dataSource, rules, nothing);
  redrives = new Redrives(ledger.dataSource, rules, nothing);
  redriver = new Redriver(ledger.dataSource, rules, { ...nothing, log: silent });
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await ledger.dataSource.query(`truncate ledger.redrives, ledger.audit_log, ledger.webhooks cascade`);
});

const probe = (text: string): Uint8Array => ProbeRequest.encode(ProbeRequest.fromPartial({ text })).finish();

async function run(jobIds: string[], end: { dies?: string; code?: ErrorCode } = {}): Promise<void> {
  const [decisions = []] = await claims.answer([claimOf('w1', jobIds)]);
  const error = { code: end.code ?? ErrorCode.INVALID_INPUT, message: end.dies ?? '', retry: 2 };
  const events = decisions.map((decision) =>
    eventOf(
      decision.jobId,
      grantedAttempt(decision) as number,
      end.dies === undefined
        ? { $case: 'succeeded', value: { result: Buffer.alloc(0), followUps: [], domainEvents: [] } }
        : ({ $case: 'failed', value: { error, domainEvents: [] } } as never),
    ),
  );
  await outcomes.apply([messageOf(...events)]);
}

async function dead(n: number, message = 'no such account', overrides = {}): Promise<string[]> {
  const ids = await ledger.accept(...Array.from({ length: n }, () => probeJob(overrides)));
  await ledger.dataSource.query(`delete from ledger.outbox`);
  await run(ids, { dies: message });
  return ids;
}

const create = (options: Partial<NewRedrive> = {}) =>
  redrives.create({ tenantId: 'acme', filter: {}, actor, canary: false, ...options });

async function steps(by: Redriver = redriver): Promise<number> {
  for (let n = 0; ; n += 1) if (!(await by.step())) return n;
}

/** As if its time to be looked at again had come. */
const due = () => ledger.dataSource.query(`update ledger.redrives set look_at = now()`);
const state = async (id: string) => (await readRedrives(ledger.dataSource, 'acme', { id, limit: 1 })).redrives[0];
const queued = async () => (await ledger.jobs()).filter((job) => job.state === 'queued').map((job) => job.id);
const audited = async () => (await readAudit(ledger.dataSource, 'acme', {}, undefined, 50)).entries;

describe('groups of deaths', () => {
  it('are one for each cause, with its size, its span of time and a sample', async () => {
    await dead(2, 'account 17 is closed');
    const [, youngest] = await dead(2, 'account 18 is closed');
    await dead(1, 'out of paper', { queue: 'other' });
    await ledger.queued();
    const groups = await deadGroups(ledger.dataSource, 'acme', {}, { limit: 10, discarded: false });
    expect(groups).toMatchObject([
      {
        kind: 'platform.probe',
        version: 1,
        code: 'INVALID_INPUT',
        queues: ['other'],
        count: 1,
        sample_message: 'out of paper',
      },
      { count: 4, queues: ['probes'], sample_job_id: youngest, sample_message: 'account 18 is closed' },
    ]);
    expect(groups[1]!.first_death.getTime()).toBeLessThan(groups[1]!.last_death.getTime());
  });

  it('are bounded by every filter', async () => {
    const [id] = await dead(3);
    const [{ fingerprint } = { fingerprint: '' }] = await deadGroups(
      ledger.dataSource,
      'acme',
      {},
      { limit: 1, discarded: false },
    );
    const count = (filter: object, tenant = 'acme') =>
      countDead(ledger.dataSource, tenant, filter).then(({ count: matched }) => matched);
    const later = new Date(Date.now() + 60_000);
    expect(
      await count({ fingerprint, kind: 'platform.probe', queue: 'probes', code: 'INVALID_INPUT', until: later }),
    ).toBe(3);
    for (const other of [{ fingerprint: 'x' }, { kind: 'x' }, { queue: 'x' }, { code: 'INTERNAL' }, { since: later }]) {
      expect(await count(other)).toBe(0);
    }
    expect(await count({}, 'other')).toBe(0);
    expect(await discardDead(ledger.dataSource, 'acme', { jobId: id }, actor)).toBe(1);
    expect(await count({})).toBe(2);
    expect(await discardDead(ledger.dataSource, 'acme', { queue: 'probes' }, actor)).toBe(2);
    expect(await discardDead(ledger.dataSource, 'acme', {}, actor)).toBe(0);
    expect((await audited()).map(({ action, subject }) => [action, subject])).toEqual([
      ['dead.discard', 'filter'],
      ['dead.discard', id],
    ]);
    const hidden = { limit: 1, discarded: true };
    expect(await deadGroups(ledger.dataSource, 'acme', {}, hidden)).toMatchObject([{ count: 3 }]);
    expect(await ledger.job(id as string)).toMatchObject({ state: 'dead' });
  });
});

describe('redriving one job', () => {
  it('starts its counts anew and goes on with its attempts', async () => {
    const [id] = (await dead(1)) as [string];
    expect(await redrives.one('acme', id, { actor })).toEqual({ done: true, state: 'queued' });
    expect(await ledger.job(id)).toMatchObject({ state: 'queued', attempt: 1, failures: 0, finished_at: null });
    expect(await ledger.outbox(id)).toHaveLength(1);
    expect(await audited()).toMatchObject([{ action: 'job.redrive', subject: id, actor }]);
    await run([id]);
    expect(await ledger.job(id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  it('waits until its time', async () => {
    const [id] = (await dead(1)) as [string];
    const runAt = new Date(Date.now() + 60_000);
    expect(await redrives.one('acme', id, { actor, runAt })).toEqual({ done: true, state: 'scheduled' });
    expect(await ledger.job(id)).toMatchObject({ state: 'scheduled', due_at: runAt });
    expect(await ledger.outbox(id)).toEqual([]);
  });

  it('refuses what is not dead, and knows nothing of other tenants', async () => {
    const id = await ledger.queued();
    expect(await redrives.one('acme', id, { actor })).toEqual({
      done: false,
      reason: expect.stringContaining('is queued'),
    });
    expect(await redrives.one('other', id, { actor })).toBeUndefined();
    expect(await audited()).toEqual([]);
  });

  it('runs an edited payload only, whatever older delivery turns up', async () => {
    const [id] = (await dead(1)) as [string];
    await ledger.dataSource.query(`update ledger.jobs set checkpoint = '\\x01', checkpoint_attempt = 1 where id = $1`, [
      id,
    ]);
    await redrives.one('acme', id, { actor, payload: probe('edited') });
    const [[decision] = []] = await claims.answer([claimOf('w1', [id])]);
    expect(decision?.decision).toMatchObject({
      $case: 'granted',
      value: { attempt: 2, payload: Buffer.from(probe('edited')), checkpoint: Buffer.alloc(0) },
    });
    const [entry] = await audited();
    expect(entry).toMatchObject({ action: 'job.edit_and_redrive', subject: id });
    const { payload_before_sha256: before, payload_after_sha256: after } = entry!.detail as Record<string, string>;
    expect([before, after]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(before).not.toBe(after);

    const plain = await ledger.queued();
    const [[other] = []] = await claims.answer([claimOf('w1', [plain])]);
    expect(other?.decision).not.toHaveProperty('value.payload');
  });

  it('does not die of an older delivery in quarantine once its payload was replaced', async () => {
    const [id] = (await dead(1)) as [string];
    await redrives.one('acme', id, { actor, payload: probe('edited') });
    const quarantine = new Quarantine(ledger.dataSource, rules, () => undefined);
    const bytes = (payload: Uint8Array) =>
      Buffer.from(JobDelivery.encode(JobDelivery.fromPartial({ jobId: id, payload: Buffer.from(payload) })).finish());
    const delivery = { jobId: id, tenantId: 'acme', kind: 'platform.probe', queue: 'probes', reason: 'unreadable' };
    await quarantine.record({ ...delivery, body: bytes(probe('x')) });
    expect(await ledger.job(id)).toMatchObject({ state: 'queued' });
    await quarantine.record({ ...delivery, body: bytes(probe('edited')) });
    expect(await ledger.job(id)).toMatchObject({ state: 'dead' });
  });

  it('needs an edited payload where there is none that can be read', async () => {
    const quarantine = new Quarantine(ledger.dataSource, rules, () => undefined);
    const delivery = { jobId: undefined, tenantId: 'acme', queue: 'probes', reason: 'no content type' };
    await quarantine.record({ ...delivery, kind: 'platform.probe', body: Buffer.from([0xff]) });
    await quarantine.record({ ...delivery, kind: 'who.knows', body: Buffer.from([0xff]) });
    const unreadable = await ledger.queued({ payload: Buffer.from([0x0a]) });
    await quarantine.record({ ...delivery, jobId: unreadable, kind: 'platform.probe', body: Buffer.alloc(0) });
    const [raw, unknown] = (await ledger.jobs()).filter((job) => job.id !== unreadable);
    const reason = async (id: string) => {
      const answer = await redrives.one('acme', id, { actor });
      return answer?.done === false ? answer.reason : answer;
    };
    expect(await reason(raw!.id)).toContain('edited one');
    expect(await reason(unreadable)).toContain('edited one');
    expect(await reason(unknown!.id)).toContain('who.knows is not in the contract');
    expect(await redrives.one('acme', raw!.id, { actor, payload: probe('now') })).toMatchObject({ done: true });
    expect(await ledger.job(raw!.id)).toMatchObject({ state: 'queued', version: 1, timeout_ms: 60_000 });
    await run([raw!.id]);
    expect(await ledger.job(raw!.id)).toMatchObject({ state: 'succeeded' });
  });
});

describe('a redrive', () => {
  it('sends the jobs that were dead when it was made, once, and ends when they have', async () => {
    const ids = await dead(450);
    const { id } = await create({ filter: { kind: 'platform.probe' } });
    const [late] = (await dead(1)) as [string];
    await steps();
    expect(await queued()).toEqual(ids);
    expect(await ledger.outbox()).toHaveLength(450);
    expect(await state(id)).toMatchObject({ state: 'running', matched: 450, sent: 450, open: 450, pending: 0 });
    await run(ids.slice(0, 400));
    await run(ids.slice(400), { dies: 'no such account' });
    await due();
    await steps();
    expect(await state(id)).toMatchObject({ state: 'finished', succeeded: 400, dead: 50, recurred: 50, open: 0 });
    expect(await ledger.job(late)).toMatchObject({ state: 'dead' });
    expect(await audited()).toMatchObject([{ action: 'redrive.create', subject: id, detail: { matched: 450 } }]);
  });

  it('is over at once when nothing matches', async () => {
    const { id } = await create({ filter: { kind: 'nobody' } });
    expect(await state(id)).toMatchObject({ state: 'finished', matched: 0 });
    expect(await steps()).toBe(0);
  });

  it('is made once for one idempotency key', async () => {
    await dead(3);
    const idempotency = { route: 'POST /v1/dead/redrive', key: 'k1', bodyHash: Buffer.from('a') };
    const made = await Promise.all(Array.from({ length: 5 }, () => create({ idempotency })));
    expect(new Set(made.map((m) => m.id)).size).toBe(1);
    expect(made.filter((m) => !m.repeated)).toHaveLength(1);
    await expect(create({ idempotency: { ...idempotency, bodyHash: Buffer.from('b') } })).rejects.toThrow(
      IdempotencyConflict,
    );
    await steps();
    expect(await ledger.outbox()).toHaveLength(3);
  });

  it('leaves alone what is no longer dead of that, and says why', async () => {
    const [again, once, discarded, unknown] = (await dead(4)) as [string, string, string, string];
    const { id } = await create();
    await redrives.one('acme', once, { actor });
    await redrives.one('acme', again, { actor });
    await run([again], { dies: 'something else' });
    await discardDead(ledger.dataSource, 'acme', { jobId: discarded }, actor);
    await ledger.dataSource.query(`update ledger.jobs set kind = 'who.knows' where id = $1`, [unknown]);
    await steps();
    expect(await state(id)).toMatchObject({ state: 'finished', skipped: 4, sent: 0 });
    expect(await readSkippedJobs(ledger.dataSource, id, 10)).toEqual([
      { job_id: again, reason: 'The job has died again since' },
      { job_id: once, reason: 'The job is queued by now' },
      { job_id: discarded, reason: 'The job was discarded' },
      { job_id: unknown, reason: 'Kind who.knows is not in the contract' },
    ]);
  });

  it('keeps its pace', async () => {
    await dead(200);
    let last = performance.now();
    const { id } = await create({ perSecond: 10 });
    /** How many more are sent when `seconds` have passed; and how many that may be at most, with the time the test itself takes. */
    const after = async (seconds: number, counted = seconds) => {
      const before = (await queued()).length;
      await ledger.dataSource.query(
        `update ledger.redrives set paced_at = paced_at - make_interval(secs => $1), look_at = look_at - make_interval(secs => $1)`,
        [seconds],
      );
      await redriver.step();
      const sent = (await queued()).length - before;
      const atMost = 10 * (counted + (performance.now() - last) / 1000) + 1;
      last = performance.now();
      return { sent, atMost };
    };
    const atOnce = await after(0);
    expect(atOnce.sent).toBeGreaterThanOrEqual(1);
    expect(atOnce.sent).toBeLessThanOrEqual(atOnce.atMost);
    const inHalfASecond = await after(0.5);
    expect(inHalfASecond.sent).toBeGreaterThanOrEqual(5);
    expect(inHalfASecond.sent).toBeLessThanOrEqual(inHalfASecond.atMost);
    // Held up for a minute: one second of it is made up for, no more.
    const inAMinute = await after(60, 1);
    expect(inAMinute.sent).toBeGreaterThanOrEqual(10);
    expect(inAMinute.sent).toBeLessThanOrEqual(inAMinute.atMost);
    expect(await state(id)).toMatchObject({ state: 'running', per_second: 10 });
  });

  it('stops when it is told to, and what was sent goes its way', async () => {
    await dead(30);
    const { id } = await create({ perSecond: 0.1 });
    await steps();
    expect(await redrives.stop('other', id, actor)).toBe(false);
    expect(await redrives.stop('acme', id, actor)).toBe(true);
    expect(await redrives.stop('acme', id, actor)).toBe(false);
    await due();
    await steps();
    expect(await state(id)).toMatchObject({
      state: 'stopped',
      sent: 1,
      pending: 29,
      stop_reason: `Stopped by ${actor}`,
    });
    await run(await queued());
    expect(await state(id)).toMatchObject({ succeeded: 1, open: 0 });
  });
});

describe('a canary', () => {
  it('sends one, then ten, then all, each stage after the one before has ended', async () => {
    const ids = await dead(40);
    const { id } = await create({ canary: true });
    const sizes: number[] = [];
    for (let stage = 1; stage <= 3; stage += 1) {
      await due();
      await steps();
      const now = await queued();
      sizes.push(now.length);
      if (now.length > 1) {
        await run(now.slice(1));
        await due();
        await steps();
        expect(await queued()).toEqual([now[0]]); // the stage is not over
      }
      await run(now.slice(0, 1));
    }
    await due();
    await steps();
    expect(sizes).toEqual([1, 10, 29]);
    expect(await state(id)).toMatchObject({ state: 'finished', stage: 3, succeeded: 40 });
    expect((await ledger.jobs()).filter((job) => job.state === 'succeeded').map((job) => job.id)).toEqual(ids);
  });

  it('stops by itself when a job dies again of the same', async () => {
    const ids = await dead(40);
    const { id } = await create({ canary: true });
    await steps();
    await run(await queued());
    await due();
    await steps();
    const second = await queued();
    expect(second).toHaveLength(10);
    await run(second.slice(0, 3), { dies: 'no such account' });
    await due();
    await steps();
    const stopped = await state(id);
    expect(stopped).toMatchObject({ state: 'stopped', stage: 2, recurred: 3, sent: 11, pending: 29 });
    expect(stopped!.stop_reason).toContain(`Job ${second[0]} died again`);
    expect((await ledger.jobs()).filter((job) => job.state === 'dead')).toHaveLength(ids.length - 8);
  });

  it('goes on when a job dies of something else', async () => {
    await dead(12);
    const { id } = await create({ canary: true });
    await steps();
    await run(await queued(), { dies: 'the disk is full' });
    await due();
    await steps();
    expect(await state(id)).toMatchObject({ state: 'running', stage: 2, dead: 1, recurred: 0, sent: 11 });
  });

  it('meets every fingerprint before it repeats one, and does not count skipped jobs', async () => {
    const many = await dead(30, 'no such account');
    const others = [...(await dead(1, 'the disk is full')), ...(await dead(1, 'out of paper'))];
    const { id } = await create({ canary: true });
    await discardDead(ledger.dataSource, 'acme', { jobId: many[0] as string }, actor);
    await steps();
    const [first] = await queued();
    await run([first as string]);
    await due();
    await steps();
    expect([first, ...(await queued())]).toEqual(expect.arrayContaining(others));
    expect(await state(id)).toMatchObject({ stage: 2, sent: 11, skipped: 1 });
  });

  it('hears of a death although the job is redriven by hand right after', async () => {
    await dead(5);
    const { id } = await create({ canary: true });
    await steps();
    const [first] = (await queued()) as [string];
    await run([first], { dies: 'no such account' });
    await redrives.one('acme', first, { actor });
    await due();
    await steps();
    expect(await state(id)).toMatchObject({ state: 'stopped', recurred: 1, sent: 1 });
  });
});

it('is carried on by any number of redrivers that are cut off at any point, and sends nothing twice', async () => {
  await dead(600);
  const { id } = await create();
  const sources = await Promise.all(Array.from({ length: 3 }, () => ledger.another(2)));
  const crew = sources.map((source) => new Redriver(source, rules, { ...nothing, log: silent, batchSize: 7 }));
  let over = false;
  const work = crew.map(async (one) => {
    while (!over) if (!(await one.step().catch(() => true))) await due().catch(() => undefined);
  });
  let cuts = 0;
  while ((await state(id))!.pending > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 60));
    if (cuts >= 20) continue;
    // A process killed with its transaction open is to the database a connection that ends.
    const rows = (await ledger.dataSource.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state in ('active', 'idle in transaction')
         and xact_start is not null limit 1`,
    )) as unknown[];
    cuts += rows.length;
  }
  over = true;
  await Promise.all(work);
  const jobs = await ledger.jobs();
  expect(jobs.every((job) => job.state === 'queued')).toBe(true);
  expect(await ledger.outbox()).toHaveLength(600);
  const [row] = (await ledger.dataSource.query(
    `select count(*)::integer as entries, count(distinct job_id)::integer as jobs from ledger.job_history where detail->>'reason' = 'redriven'`,
  )) as unknown[];
  expect(row).toEqual({ entries: 600, jobs: 600 });
  expect(await state(id)).toMatchObject({ sent: 600, skipped: 0 });
  expect(cuts).toBeGreaterThan(0);
});
