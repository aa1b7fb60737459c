import { ErrorCode, JobError_Retry, type DomainEvent, type JobEvent } from '@roundhouse/contracts';
import { failure, success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, rules, TestLedger } from '../../e2e/test-ledger.js';
import { Claims } from '../claiming/index.js';
import { Outcomes } from './outcomes.js';

let ledger: TestLedger;
let outcomes: Outcomes;
let claims: Claims;

beforeAll(async () => {
  ledger = await TestLedger.open();
  outcomes = new Outcomes(ledger.dataSource, rules, nothing);
  claims = new Claims(ledger.dataSource, rules, { ...nothing, graceMs: () => 1_000 });
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

async function running(): Promise<string> {
  const id = await ledger.queued();
  await claims.answer([claimOf('w1', [id])]);
  return id;
}

const apply = (...events: JobEvent[]) => outcomes.apply([messageOf(...events)]);
const domainEvent: DomainEvent = { type: 'probe.done', payload: Buffer.from('p') };

const refusals = async (id: string): Promise<string[]> => {
  const rows = await ledger.dataSource.query<{ message: string }[]>(
    `select detail->>'message' as message from ledger.job_history where job_id = $1 and type = 'refused' order by id`,
    [id],
  );
  return rows.map(({ message }) => message);
};
const by = (workerId: string, ...events: JobEvent[]) => outcomes.apply([{ ...messageOf(...events), workerId }]);
const progress = (percent: number, message = ''): JobEvent['event'] => ({
  $case: 'progress',
  value: { percent, message },
});
const checkpoint = (bytes: number): JobEvent['event'] => ({
  $case: 'checkpoint',
  value: { data: Buffer.alloc(bytes, 1) },
});

it.each([
  ['INVALID_INPUT', 'dead'],
  ['NOT_FOUND', 'dead'],
  ['UNAUTHENTICATED', 'dead'],
  ['FAILED_PRECONDITION', 'dead'],
  ['POISON', 'dead'],
  ['CANCELLED', 'dead'],
  ['UNAVAILABLE', 'retrying'],
  ['RATE_LIMITED', 'retrying'],
  ['TIMEOUT', 'retrying'],
  ['INTERNAL', 'retrying'],
  ['UNSPECIFIED', 'retrying'],
] as const)('as %s, and not whether to try again, goes by the code: %s', async (code, state) => {
  const id = await running();
  await apply(eventOf(id, 1, failure({ code: ErrorCode[code], retry: JobError_Retry.UNSPECIFIED })));
  expect(await ledger.job(id)).toMatchObject({ state, failures: 1 });
});

it('for an attempt that somebody else was granted changes nothing, whatever it is', async () => {
  const id = await running();
  const before = await ledger.job(id);
  const events = [success(), failure(), progress(50), checkpoint(10)];
  for (const event of events) await by('stranger', eventOf(id, 1, event));
  await by('stranger', eventOf(id, 1, { $case: 'emitted', value: domainEvent }));
  const silence = { bucket: 'bank', remaining: 0, resetAfter: { seconds: 600, nanos: 0 } };
  await by('stranger', eventOf(id, 1, { $case: 'rateFeedback', value: silence }));
  expect(await ledger.job(id)).toEqual(before);
  expect(await ledger.dataSource.query('select from ledger.domain_events')).toEqual([]);
  expect(await ledger.dataSource.query('select from ledger.rate_buckets')).toEqual([]);
  expect(await refusals(id)).toContain('"succeeded" of attempt 1, which stranger was not granted');
  await by('w1', eventOf(id, 1, success()));
  expect(await ledger.job(id)).toMatchObject({ state: 'succeeded' });
});

it('of an attempt that is over counts for its own worker only', async () => {
  const id = await running();
  await claims.answer([claimOf('w1', [id])]);
  await by('stranger', eventOf(id, 1, success()));
  expect(await ledger.job(id)).toMatchObject({ state: 'running', attempt: 2 });
  await by('w1', eventOf(id, 1, success()));
  expect(await ledger.job(id)).toMatchObject({ state: 'succeeded' });
});

it.each([1e9, -1, NaN, Infinity])('as %p %% of progress is not believed', async (percent) => {
  const id = await running();
  await apply(eventOf(id, 1, progress(40)), eventOf(id, 1, progress(percent)));
  expect(await ledger.job(id)).toMatchObject({ state: 'running', progress: 40 });
  expect(await refusals(id)).toEqual([`progress of ${percent} %: it must be 0 … 100`]);
});

it('as a checkpoint beyond the limit is not kept, and said once', async () => {
  const id = await running();
  await apply(eventOf(id, 1, checkpoint(64 * 1024)));
  for (let i = 0; i < 3; i += 1) await apply(eventOf(id, 1, checkpoint(64 * 1024 + 1)));
  expect((await ledger.job(id)).checkpoint).toHaveLength(64 * 1024);
  expect(await refusals(id)).toEqual(['a checkpoint of 65537 bytes: it may have 65536']);
});

it.each([
  ['that cannot be decoded', Buffer.from([0x0a, 0xff])],
  ['beyond the limit', Buffer.alloc(4 * 1024 * 1024 + 1)],
])('as a result %s fails the job for good', async (_what, result) => {
  for (const kind of ['', 'platform.probe']) {
    const id = await running();
    await apply({ ...eventOf(id, 1, success({ result })), kind, at: new Date(), ranFor: { seconds: 1, nanos: 0 } });
    expect(await ledger.job(id)).toMatchObject({ state: 'dead', result: null, error: { code: 'INTERNAL' } });
  }
});

it('as a kind that it is not does not get round the look at its result', async () => {
  const id = await running();
  const event = { ...eventOf(id, 1, success({ result: Buffer.from([0x0a, 0xff]) })), at: new Date() };
  await apply({ ...event, kind: 'unknown.kind', ranFor: { seconds: 1, nanos: 0 } });
  expect(await ledger.job(id)).toMatchObject({ state: 'dead' });
});

it('with times, waits, texts and numbers beyond all bounds takes no other report along', async () => {
  const [wild, tame] = [await running(), await running()];
  const far = { seconds: 2 ** 52, nanos: 0 };
  const events: JobEvent[] = [
    { ...eventOf(wild, 1, progress(1, `a\0${'b'.repeat(5_000)}`)), at: new Date(NaN), ranFor: far },
    { ...eventOf(wild, 4e9, success()), traceparent: '\0' },
    eventOf(wild, 1, { $case: 'rateFeedback', value: { bucket: 'b\0', remaining: 0, resetAfter: far } }),
    eventOf(wild, 1, {
      $case: 'logged',
      value: { part: 0, leftOut: 0, lines: [{ at: new Date(8.64e15), level: 0, message: 'm\0', fields: '' }] },
    }),
    { ...eventOf(wild, 1, { $case: 'snoozed', value: { delay: far, reason: '\0' } }), at: new Date(-1e15) },
  ];
  await outcomes.apply([{ ...messageOf(...events), workerId: 'w1' }, messageOf(eventOf(tame, 1, success()))]);
  expect(await ledger.job(tame)).toMatchObject({ state: 'succeeded' });
  expect(await ledger.job(wild)).toMatchObject({ state: 'scheduled', progress: 1 });
  expect((await ledger.job(wild)).run_at.getTime()).toBeLessThan(Date.now() + 367 * 86_400_000);
});
