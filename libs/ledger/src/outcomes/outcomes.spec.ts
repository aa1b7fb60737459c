import {
  catalogue,
  ErrorCode,
  JobError_Retry,
  ProbeRequest,
  ProbeResult,
  type DomainEvent,
  type FollowUp,
  type JobEvent,
} from '@roundhouse/contracts';
import { failure, success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, rules, silent, TestLedger, traceparent } from '../../e2e/test-ledger.js';
import { Cancellation } from '../commands/index.js';
import { Claims } from '../claiming/index.js';
import { Outcomes } from './outcomes.js';
import { Timekeeper } from '../time/index.js';

let ledger: TestLedger;
let outcomes: Outcomes;
let claims: Claims;
const seen = { changed: 0, dispatches: 0, tenants: [] as string[] };
const watch = {
  onChanged: (jobs: Iterable<unknown>) => (seen.changed += [...jobs].length),
  onDispatch: () => (seen.dispatches += 1),
  onDomainEvents: (tenants: Iterable<string>) => seen.tenants.push(...tenants),
};

beforeAll(async () => {
  ledger = await TestLedger.open();
  outcomes = new Outcomes(ledger.dataSource, rules, watch as never);
  claims = new Claims(ledger.dataSource, rules, {
    ...(watch as never as { onChanged(): void; onDispatch(): void }),
    graceMs: () => 1_000,
  });
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  Object.assign(seen, { changed: 0, dispatches: 0, tenants: [] });
});

async function running(): Promise<string> {
  const id = await ledger.queued();
  await claims.answer([claimOf('w1', [id])]);
  return id;
}

const resultOf = (text: string) => Buffer.from(ProbeResult.encode(ProbeResult.fromPartial({ text })).finish());
const followUp = (text: string): FollowUp => ({
  kind: 'platform.probe',
  payload: Buffer.from(ProbeRequest.encode(ProbeRequest.fromPartial({ text })).finish()),
  runAt: undefined,
});
const domainEvent = (payload = 'p'): DomainEvent => ({ type: 'probe.done', payload: Buffer.from(payload) });
const apply = (...events: JobEvent[]) => outcomes.apply([messageOf(...events)]);
const domainEvents = () =>
  ledger.dataSource.query<{ job_id: string; type: string }[]>(
    `select job_id, type from ledger.domain_events order by id`,
  );

describe('a success', () => {
  it('finishes the job with its result, follow-ups and domain events at once', async () => {
    const id = await running();
    await apply(
      eventOf(
        id,
        1,
        success({
          result: resultOf('done'),
          followUps: [followUp('a'), followUp('b')],
          domainEvents: [domainEvent()],
        }),
      ),
    );
    const job = await ledger.job(id);
    expect(job).toMatchObject({
      state: 'succeeded',
      progress: 100,
      error: null,
      due_at: null,
      lease_until: null,
      worker_id: null,
    });
    expect(job.result).toEqual(resultOf('done'));
    expect(job.finished_at).not.toBeNull();
    const children = (await ledger.jobs()).filter((row) => row.parent_id === id);
    expect(children).toMatchObject([{ state: 'queued', tenant_id: 'acme', traceparent }, { state: 'queued' }]);
    for (const child of children) expect(await ledger.outbox(child.id)).toHaveLength(1);
    expect(await domainEvents()).toEqual([{ job_id: id, type: 'probe.done' }]);
    const commits = await ledger.dataSource.query<unknown[]>(
      `select distinct xmin::text from ledger.jobs union select distinct xmin::text from ledger.domain_events
       union select xmin::text from ledger.job_history where type = 'succeeded'`,
    );
    expect(commits).toHaveLength(1);
    expect(seen).toMatchObject({ dispatches: 1, tenants: ['acme'] });
  });

  it('changes nothing when it is reported again, in the same batch or later', async () => {
    const id = await running();
    const event = eventOf(id, 1, success({ followUps: [followUp('a')], domainEvents: [domainEvent()] }));
    await apply(event, event);
    await apply(event);
    await outcomes.apply([messageOf(event), messageOf(event)]);
    expect(await ledger.jobs()).toHaveLength(2);
    expect(await domainEvents()).toHaveLength(1);
    expect(await ledger.historyTypes(id)).toEqual(['running', 'succeeded']);
  });

  it('of an older attempt wins while the job is not over, and the newer one changes nothing then', async () => {
    const id = await running();
    await claims.answer([claimOf('w1', [id])]);
    await apply(eventOf(id, 1, success({ result: resultOf('first'), followUps: [followUp('a')] })));
    await apply(eventOf(id, 2, success({ result: resultOf('second'), followUps: [followUp('b')] })));
    expect((await ledger.job(id)).result).toEqual(resultOf('first'));
    expect(await ledger.jobs()).toHaveLength(2);
  });

  it('of an attempt that was never granted is not believed', async () => {
    const id = await running();
    await apply(eventOf(id, 2, success()), eventOf(id, 0, success()));
    expect((await ledger.job(id)).state).toBe('running');
  });

  it('keeps a follow-up for later as scheduled', async () => {
    const id = await running();
    const runAt = new Date(Date.now() + 3_600_000);
    await apply(eventOf(id, 1, success({ followUps: [{ ...followUp('a'), runAt }] })));
    const child = (await ledger.jobs()).find((row) => row.parent_id === id);
    expect(child).toMatchObject({ state: 'scheduled', run_at: runAt });
    expect(await ledger.outbox(child?.id)).toEqual([]);
  });

  it('stands when a follow-up can never run: that one is kept as a dead job with the reason and its bytes', async () => {
    const id = await running();
    const tooManySteps = Buffer.from(ProbeRequest.encode(ProbeRequest.fromPartial({ steps: 100_000 })).finish());
    const wrong: FollowUp[] = [
      { kind: 'no.such_kind', payload: Buffer.from('xyz'), runAt: undefined },
      { kind: 'platform.probe', payload: tooManySteps, runAt: undefined },
      { kind: 'platform.probe', payload: Buffer.from([0xff, 0xff, 0xff]), runAt: undefined },
    ];
    await apply(eventOf(id, 1, success({ followUps: [...wrong, followUp('good')] })));
    const children = (await ledger.jobs()).filter((row) => row.parent_id === id);
    const dead = wrong.map(({ payload }) => children.find((row) => row.payload.equals(payload)));
    expect(dead).toMatchObject(wrong.map(({ kind }) => ({ state: 'dead', kind, error: { code: 'POISON' } })));
    expect(dead[0]?.error?.message).toContain('no.such_kind');
    expect(dead[1]?.error?.message).toMatch(/^steps: /);
    expect(children.filter((row) => row.state === 'queued')).toHaveLength(1);
    expect(await ledger.outbox()).toHaveLength(1);
  });
});

describe('a failure', () => {
  it('is repeated after the delay of the policy, through the wait queues', async () => {
    const id = await running();
    await apply(eventOf(id, 1, failure()));
    const job = await ledger.job(id);
    expect(job).toMatchObject({
      state: 'retrying',
      failures: 1,
      crashes: 0,
      worker_id: null,
      error: { code: 'UNAVAILABLE', message: 'down', retryable: true },
    });
    const [delivery] = await ledger.outbox(id);
    expect(delivery?.delay_ms).toBeGreaterThanOrEqual(900);
    expect(delivery?.delay_ms).toBeLessThanOrEqual(1_100);
    expect(await ledger.historyTypes(id)).toEqual(['running', 'retrying']);
  });

  it('waits at least as long as the other system asked for', async () => {
    const id = await running();
    await apply(eventOf(id, 1, failure({ code: ErrorCode.RATE_LIMITED, retryAfter: { seconds: 60, nanos: 0 } })));
    expect((await ledger.outbox(id))[0]?.delay_ms).toBeGreaterThanOrEqual(60_000);
  });

  it('that waits longer than any wait queue stays in the ledger until its time', async () => {
    const id = await running();
    await apply(eventOf(id, 1, failure({ retryAfter: { seconds: 7_200, nanos: 0 } })));
    const job = await ledger.job(id);
    expect(job).toMatchObject({ state: 'retrying', due_at: job.run_at });
    expect(await ledger.outbox(id)).toEqual([]);
  });

  it('ends the job when it is not to be repeated or was the last one allowed', async () => {
    const id = await running();
    await apply(
      eventOf(id, 1, failure({ code: ErrorCode.INVALID_INPUT, message: 'no such file', retry: JobError_Retry.NO })),
    );
    expect(await ledger.job(id)).toMatchObject({
      state: 'dead',
      failures: 1,
      error: { code: 'INVALID_INPUT', message: 'no such file' },
    });

    const last = await running();
    const limit = catalogue.kind('platform.probe')?.retry.maxAttempts ?? 0;
    await ledger.dataSource.query(`update ledger.jobs set failures = $2 where id = $1`, [last, limit - 1]);
    await apply(eventOf(last, 1, failure()));
    expect(await ledger.job(last)).toMatchObject({ state: 'dead', failures: limit });
    expect(await ledger.outbox(last)).toEqual([]);
  });

  it('of an older attempt, or reported twice, changes nothing', async () => {
    const id = await running();
    await claims.answer([claimOf('w1', [id])]);
    await apply(eventOf(id, 1, failure()));
    expect(await ledger.job(id)).toMatchObject({ state: 'running', attempt: 2, failures: 0, error: null });
    await apply(eventOf(id, 2, failure()), eventOf(id, 2, failure()));
    await apply(eventOf(id, 2, failure()));
    expect(await ledger.job(id)).toMatchObject({ state: 'retrying', failures: 1 });
    expect(await ledger.outbox(id)).toHaveLength(1);
  });

  it('of a job that was to be cancelled cancels it', async () => {
    const id = await running();
    const cancellation = new Cancellation(ledger.dataSource, rules, nothing);
    await cancellation.cancel('acme', id);
    await apply(eventOf(id, 1, failure()));
    expect(await ledger.job(id)).toMatchObject({ state: 'cancelled', failures: 1 });
    expect(await ledger.historyTypes(id)).toEqual(['running', 'cancel_requested', 'cancelled']);
  });

  it('is stored whatever its text is made of', async () => {
    const id = await running();
    const text = 'unexpected byte \u0000 in "row 1"';
    await apply(
      eventOf(id, 1, { $case: 'progress', value: { percent: 5, message: text } }),
      eventOf(id, 1, failure({ message: text, stack: text, field: text })),
    );
    const job = await ledger.job(id);
    expect(job).toMatchObject({ state: 'retrying', failures: 1 });
    expect(job.error?.message).toBe('unexpected byte \ufffd in "row 1"');
  });
});

describe('other reports', () => {
  it('of the running attempt are kept, those of an older one are not', async () => {
    const id = await running();
    await claims.answer([claimOf('w1', [id])]);
    await apply(
      eventOf(id, 2, { $case: 'progress', value: { percent: 40, message: 'half' } }),
      eventOf(id, 2, { $case: 'checkpoint', value: { data: Buffer.from('c2') } }),
      eventOf(id, 2, { $case: 'emitted', value: domainEvent() }),
      eventOf(id, 1, { $case: 'progress', value: { percent: 10, message: 'old' } }),
      eventOf(id, 1, { $case: 'checkpoint', value: { data: Buffer.from('c1') } }),
      eventOf(id, 1, { $case: 'emitted', value: domainEvent() }),
      eventOf(id, 1, { $case: 'released', value: { reason: 1 } }),
      eventOf(id, 1, { $case: 'cancelled', value: {} }),
    );
    const job = await ledger.job(id);
    expect(job).toMatchObject({ state: 'running', attempt: 2, progress: 40, progress_message: 'half' });
    expect(job.checkpoint?.toString()).toBe('c2');
    expect(await domainEvents()).toHaveLength(1);
    expect(await ledger.historyTypes(id)).toEqual(['running', 'running', 'progress']);
  });

  it('hand the checkpoint to the next attempt and keep it over a failure', async () => {
    const id = await running();
    await apply(
      eventOf(id, 1, { $case: 'checkpoint', value: { data: Buffer.from('here') } }),
      eventOf(id, 1, failure()),
    );
    await ledger.age(id, 10, 'run_at');
    const [[decision] = []] = await claims.answer([claimOf('w2', [id])]);
    expect(decision?.decision).toMatchObject({
      $case: 'granted',
      value: { attempt: 2, failures: 1, checkpoint: Buffer.from('here') },
    });
  });

  it('give a job back without counting a failure', async () => {
    const id = await running();
    await apply(eventOf(id, 1, { $case: 'released', value: { reason: 1 } }));
    expect(await ledger.job(id)).toMatchObject({ state: 'queued', failures: 0, crashes: 0, worker_id: null });
    expect(await ledger.outbox(id)).toMatchObject([{ delay_ms: 0 }]);
  });

  it('that a handler stopped count only when it was told to', async () => {
    const id = await running();
    await apply(eventOf(id, 1, { $case: 'cancelled', value: {} }));
    expect((await ledger.job(id)).state).toBe('running');
    await new Cancellation(ledger.dataSource, rules, nothing).cancel('acme', id);
    await apply(eventOf(id, 1, { $case: 'cancelled', value: {} }));
    expect((await ledger.job(id)).state).toBe('cancelled');
  });

  it('of a newer contract, or about jobs that do not exist, are passed over', async () => {
    const id = await running();
    await apply(
      eventOf(id, 1, undefined),
      eventOf('01890000-0000-7000-8000-000000000000', 1, success()),
      eventOf(id, 1, success()),
    );
    expect((await ledger.job(id)).state).toBe('succeeded');
  });
});

it('applies a batch as a whole or not at all', async () => {
  const id = await running();
  await ledger.dataSource.query(
    `alter table ledger.domain_events add constraint no_full_disk check (type <> 'full.disk')`,
  );
  const broken = { ...domainEvent(), type: 'full.disk' };
  await expect(apply(eventOf(id, 1, success({ followUps: [followUp('a')], domainEvents: [broken] })))).rejects.toThrow(
    'no_full_disk',
  );
  await ledger.dataSource.query(`alter table ledger.domain_events drop constraint no_full_disk`);
  expect((await ledger.job(id)).state).toBe('running');
  expect(await ledger.jobs()).toHaveLength(1);
  expect(await ledger.historyTypes(id)).toEqual(['running']);
});

it('does not let a timekeeper take a job back whose success came in time', async () => {
  const id = await running();
  await ledger.age(id, 60, 'lease_until', 'due_at');
  const timekeeper = new Timekeeper(ledger.dataSource, rules, { ...nothing, log: silent });
  await Promise.all([apply(eventOf(id, 1, success())), timekeeper.handleDue()]);
  expect((await ledger.job(id)).state).toBe('succeeded');
});
