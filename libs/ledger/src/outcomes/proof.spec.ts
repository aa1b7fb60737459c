import { LogLine_Level, WorkerHeartbeat, type JobEvent } from '@roundhouse/contracts';
import { randomBytes } from 'node:crypto';
import { failure, success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Claims, GrantTokens, Heartbeats } from '../claiming/index.js';
import { Outcomes } from './outcomes.js';

const tokens = new GrantTokens(randomBytes(32));
let ledger: TestLedger;
let outcomes: Outcomes;
let claims: Claims;
let heartbeats: Heartbeats;

beforeAll(async () => {
  ledger = await TestLedger.open();
  outcomes = new Outcomes(ledger.dataSource, rules, { ...nothing, tokens });
  claims = new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 1_000, tokens });
  heartbeats = new Heartbeats(ledger.dataSource, rules, tokens);
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await demandFrom('-infinity');
});

const demandFrom = (time: string) =>
  ledger.dataSource.query(`update ledger.grant_tokens set demanded_from = $1::timestamptz`, [time]);

async function running(overrides: Parameters<TestLedger['queued']>[0] = {}): Promise<{ id: string; token: Buffer }> {
  const id = await ledger.queued(overrides);
  const [[answer] = []] = await claims.answer([claimOf('w1', [id])]);
  const grant = answer?.decision?.$case === 'granted' ? answer.decision.value : undefined;
  return { id, token: grant?.token as Buffer };
}

const plain = { kind: 'platform.probe', at: new Date(), ranFor: { seconds: 1, nanos: 0 } };
const apply = (...events: JobEvent[]) => outcomes.apply([messageOf(...events)]);
const refusals = async (id: string): Promise<string[]> => {
  const rows = await ledger.dataSource.query<{ message: string }[]>(
    `select detail->>'message' as message from ledger.job_history where job_id = $1 and type = 'refused' order by id`,
    [id],
  );
  return rows.map(({ message }) => message);
};
const beat = (running: { jobId: string; attempt: number; token?: Buffer }[], workerId = 'w1') =>
  heartbeats.hear(WorkerHeartbeat.fromPartial({ workerId, service: 'probe', queues: ['probes'], running }));

const outcomesOf: [string, JobEvent['event']][] = [
  ['succeeded', success({ result: Buffer.alloc(0) })],
  ['failed', failure()],
  ['released', { $case: 'released', value: { reason: 1 } }],
  ['cancelled', { $case: 'cancelled', value: {} }],
  ['snoozed', { $case: 'snoozed', value: { delay: { seconds: 9, nanos: 0 }, reason: 'x' } }],
  ['throttled', { $case: 'throttled', value: { bucket: '', retryAfter: undefined } }],
  ['discarded', { $case: 'discarded', value: { reason: 'x' } }],
  ['progress', { $case: 'progress', value: { percent: 50, message: '' } }],
  ['checkpoint', { $case: 'checkpoint', value: { data: Buffer.from('x') } }],
];

describe.each([
  ['without a token', undefined],
  ['with a guessed one', Buffer.alloc(16, 7)],
])('a report in the name of the true worker %s', (_what, forged) => {
  it.each(outcomesOf)('changes nothing and stands in the log: %s', async (name, event) => {
    const { id } = await running();
    const before = await ledger.job(id);
    await apply({ ...eventOf(id, 1, event), ...plain, token: forged });
    expect(await ledger.job(id)).toEqual(before);
    expect(await refusals(id)).toEqual([expect.stringMatching(new RegExp(`"${name}" of attempt 1 without the token`))]);
  });

  it('does not keep its neighbours from being applied, plain ones or not', async () => {
    const [victim, neighbour, failing] = [await running(), await running(), await running()];
    await apply(
      { ...eventOf(victim.id, 1, success()), ...plain, token: forged },
      { ...eventOf(neighbour.id, 1, success()), ...plain, token: neighbour.token },
      { ...eventOf(failing.id, 1, failure()), token: failing.token },
    );
    expect((await ledger.job(victim.id)).state).toBe('running');
    expect((await ledger.job(neighbour.id)).state).toBe('succeeded');
    expect((await ledger.job(failing.id)).state).toBe('retrying');
    await apply({ ...eventOf(victim.id, 1, success()), ...plain, token: victim.token });
    expect((await ledger.job(victim.id)).state).toBe('succeeded');
  });

  it('adds no line to its log page', async () => {
    const { id, token } = await running();
    const line = { at: new Date(), level: LogLine_Level.INFO, message: 'I was here', fields: '' };
    const logged = (part: number): JobEvent['event'] => ({
      $case: 'logged',
      value: { part, lines: [line as never], leftOut: 0 },
    });
    await apply({ ...eventOf(id, 1, logged(0)), token: forged });
    await apply({ ...eventOf(id, 1, logged(1)), token });
    const parts = await ledger.dataSource.query(`select part from ledger.attempt_logs where job_id = $1`, [id]);
    expect(parts).toEqual([{ part: 1 }]);
  });

  it('renews no lease', async () => {
    const { id, token } = await running();
    await ledger.age(id, 10, 'lease_until', 'due_at');
    const before = await ledger.job(id);
    expect(await beat([{ jobId: id, attempt: 1, token: forged }])).toMatchObject([{ jobId: id }]);
    expect((await ledger.job(id)).lease_until).toEqual(before.lease_until);
    expect(await refusals(id)).toEqual([expect.stringContaining('"heartbeat" of attempt 1 without the token')]);
    expect(await beat([{ jobId: id, attempt: 1, token }])).toEqual([]);
    expect((await ledger.job(id)).lease_until).not.toEqual(before.lease_until);
  });
});

it('comes with every grant, whichever way it was decided', async () => {
  const simple = await running();
  const limited = await running({ kind: 'platform.probe_limited' });
  expect(simple.token).toEqual(tokens.issue({ jobId: simple.id, attempt: 1, workerId: 'w1' }));
  expect(limited.token).toEqual(tokens.issue({ jobId: limited.id, attempt: 1, workerId: 'w1' }));
});

it('is not that of an earlier attempt, nor of another worker that holds one of its own', async () => {
  const { id, token } = await running();
  await apply({ ...eventOf(id, 1, { $case: 'released', value: { reason: 1 } }), token });
  const [[again] = []] = await claims.answer([claimOf('w2', [id])]);
  expect(again?.decision).toMatchObject({ value: { attempt: 2 } });
  await apply({ ...eventOf(id, 2, success()), ...plain, token });
  await outcomes.apply([{ ...messageOf({ ...eventOf(id, 2, success()), ...plain, token }), workerId: 'w2' }]);
  expect(await ledger.job(id)).toMatchObject({ state: 'running', attempt: 2, worker_id: 'w2' });
  expect(await refusals(id)).toHaveLength(2);
});

it('is not demanded of attempts from before there were any, however long they run', async () => {
  const [reporting, beating] = [await running(), await running()];
  await demandFrom('infinity');
  expect(await beat([{ jobId: beating.id, attempt: 1 }])).toEqual([]);
  await apply({ ...eventOf(reporting.id, 1, success()), ...plain }, eventOf(beating.id, 1, failure()));
  expect((await ledger.job(reporting.id)).state).toBe('succeeded');
  expect((await ledger.job(beating.id)).state).toBe('retrying');
  const { id } = await running();
  await apply({ ...eventOf(id, 1, success()), ...plain, token: Buffer.alloc(16) });
  expect((await ledger.job(id)).state).toBe('running');
});

it('is demanded at once where there were no jobs, and an hour later where there were', async () => {
  const { GrantTokens1795927200000 } = await import('../storage/migrations/1795927200000-grant-tokens.js');
  const migration = new GrantTokens1795927200000();
  const hoursUntil = async (): Promise<number> => {
    const runner = ledger.dataSource.createQueryRunner();
    await migration.down(runner);
    await migration.up(runner);
    await runner.release();
    const [{ hours }] = await ledger.dataSource.query(
      `select round(extract(epoch from demanded_from - now()) / 3600)::integer as hours from ledger.grant_tokens`,
    );
    return hours;
  };
  expect(await hoursUntil()).toBe(0);
  await ledger.queued();
  expect(await hoursUntil()).toBe(1);
});
