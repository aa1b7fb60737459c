import { JobLogged, LogLine_Level, type JobEvent } from '@roundhouse/contracts';
import { logLimits } from '@roundhouse/jobs';
import { success } from '../../e2e/outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, rules, TestLedger } from '../../e2e/test-ledger.js';
import { readAttemptLog } from '../reading/index.js';
import { forgetAttemptLogs } from './attempt-logs.js';
import { Claims } from '../claiming/index.js';
import { Outcomes } from './outcomes.js';

let ledger: TestLedger;
let outcomes: Outcomes;
const changed: string[] = [];

beforeAll(async () => {
  ledger = await TestLedger.open();
  outcomes = new Outcomes(ledger.dataSource, rules, {
    ...nothing,
    onChanged: (jobs: Iterable<{ id: string }>) => void changed.push(...[...jobs].map(({ id }) => id)),
  });
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await ledger.dataSource.query(`truncate ledger.attempt_logs`);
  changed.length = 0;
});

async function running(): Promise<string> {
  const id = await ledger.queued();
  const options = { ...nothing, graceMs: () => 1_000 };
  await new Claims(ledger.dataSource, rules, options).answer([claimOf('w1', [id])]);
  return id;
}

const at = new Date();
const logged = (part: number, messages: string[], { fields = '', leftOut = 0 } = {}): JobEvent['event'] => ({
  $case: 'logged',
  value: JobLogged.fromPartial({
    part,
    leftOut,
    lines: messages.map((message) => ({ at, level: LogLine_Level.WARN, message, fields })),
  }),
});
const apply = (...events: JobEvent[]) => outcomes.apply([messageOf(...events)]);
const read = async (id: string, options = {}) => (await readAttemptLog(ledger.dataSource, 'acme', id, options))!;
const said = async (id: string, options = {}) =>
  (await read(id, options)).lines.filter(({ source }) => source === 'attempt');

it('keeps lines in order, beside what the ledger did, and tells viewers', async () => {
  const id = await running();
  await apply(eventOf(id, 1, logged(1, ['b', 'c'])), eventOf(id, 1, logged(0, ['a'], { fields: '{"n":1}' })));
  expect(changed).toEqual([id]);
  await apply(eventOf(id, 1, success()));
  const { lines, attempt, part } = await read(id);
  expect([attempt, part]).toEqual([1, 1]);
  expect(lines.map(({ source, level, message }) => `${source} ${level} ${message}`).sort()).toEqual([
    'attempt warn a',
    'attempt warn b',
    'attempt warn c',
    'ledger info Succeeded',
    'ledger info The attempt was granted to w1',
  ]);
  expect((await said(id)).map(({ message, fields }) => [message, fields])).toEqual([
    ['a', { n: 1 }],
    ['b', undefined],
    ['c', undefined],
  ]);
});

it('stores a message that comes twice once', async () => {
  const id = await running();
  const event = eventOf(id, 1, logged(0, ['once']));
  await apply(event, event);
  await apply(event);
  expect(await said(id)).toHaveLength(1);
});

it('leaves the way of an outcome that comes along as it is', async () => {
  const id = await running();
  await apply(eventOf(id, 1, logged(0, ['last words'])), eventOf(id, 1, success()));
  expect((await ledger.job(id)).state).toBe('succeeded');
  expect(await said(id)).toHaveLength(1);
});

it('answers what came since, and how many lines are missing', async () => {
  const id = await running();
  await apply(eventOf(id, 1, logged(0, ['a'])), eventOf(id, 1, logged(1, ['b'], { leftOut: 7 })));
  expect((await said(id, { after: 0 })).map(({ message }) => message)).toEqual(['b']);
  expect((await read(id)).leftOut).toBe(7);
  expect(await read(id, { after: 1 })).toMatchObject({ part: 1 });
});

it('takes no lines for jobs that do not exist or attempts that were not granted, and shows none to others', async () => {
  const id = await running();
  await apply(eventOf(id, 2, logged(0, ['early'])), eventOf(id, 0, logged(0, ['zero'])));
  await apply(eventOf('01890000-0000-7000-8000-00000000dead', 1, logged(0, ['nobody'])));
  await apply(eventOf('not an id', 1, logged(0, ['nobody'])));
  expect(await ledger.dataSource.query(`select from ledger.attempt_logs`)).toEqual([]);
  expect(await readAttemptLog(ledger.dataSource, 'globex', id)).toBeUndefined();
});

it('stores what PostgreSQL does not take, in another form', async () => {
  const id = await running();
  const fields = `{"nul":"\\u0000","half":"\\ud83d","k\\u0000":1}`;
  await apply(
    eventOf(id, 1, logged(0, ['nul \u0000', 'half \ud83d'], { fields })),
    eventOf(id, 1, logged(1, ['bad'], { fields: '{' })),
  );
  expect(await said(id)).toMatchObject([
    { message: 'nul \ufffd', fields: { nul: '\ufffd', half: '\ufffd' } },
    { message: 'half \ufffd' },
    { message: 'bad', fields: { unreadable: '{' } },
  ]);
});

it('hides secrets of workers that do not', async () => {
  const id = await running();
  const fields = '{"api_key":"canary-1","nested":{"password":"canary-2"},"url":"amqp://u:canary-3@host"}';
  await apply(eventOf(id, 1, logged(0, ['Authorization: Bearer canary-4444'], { fields })));
  expect(JSON.stringify(await said(id))).not.toContain('canary');
});

it('is not filled by a worker that knows no limits', async () => {
  const id = await running();
  const much = Array.from({ length: 100 }, () => 'x'.repeat(2_000));
  for (let part = 0; part < 10; part += 1) await apply(eventOf(id, 1, logged(part, much)));
  await apply(eventOf(id, 1, logged(1_000_000, ['far out'])));
  const [{ bytes }] = await ledger.dataSource.query(`select sum(bytes)::integer as bytes from ledger.attempt_logs`);
  expect(bytes).toBeLessThan(3 * logLimits.bytes);
});

it('forgets what is old', async () => {
  const id = await running();
  await apply(eventOf(id, 1, logged(0, ['old'])), eventOf(id, 1, logged(1, ['new'])));
  await ledger.dataSource.query(
    `update ledger.attempt_logs set stored_at = stored_at - interval '15 days' where part = 0`,
  );
  await forgetAttemptLogs(ledger.dataSource, 14 * 86_400_000);
  expect((await said(id)).map(({ message }) => message)).toEqual(['new']);
});
