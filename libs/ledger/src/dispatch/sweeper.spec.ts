import { probeJob, silent, TestLedger } from '../../e2e/test-ledger.js';
import { Flights } from './flights.js';
import { Sweeper } from './sweeper.js';

let ledger: TestLedger;
let ready: Record<string, number | undefined>;
let nudges = 0;
let flights: Flights;
let sweeper: Sweeper;
const onDispatch = () => void (nudges += 1);
const look = async (queue: string) => {
  const messages = ready[queue];
  return messages === undefined ? undefined : { ready: messages, consumers: 1 };
};
const started = (patienceMs: number) =>
  new Sweeper(ledger.dataSource, { look, flights, onDispatch, log: silent, patienceMs });

beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  ready = { probes: 0, default: 0 };
  nudges = 0;
  flights = new Flights(ledger.dataSource, silent);
  sweeper = started(0);
});

/** A worker's heartbeat. */
const holds = (...ids: string[]) =>
  ledger.dataSource.query(
    `insert into ledger.workers (id, service, version, host, pid, queues, running, stopping, held, seen_at)
     values ('w1', 's', '1', 'h', 1, '{probes}', 0, false, $1::uuid[], clock_timestamp())
     on conflict (id) do update set held = excluded.held, seen_at = excluded.seen_at`,
    [ids],
  );

it('sends again what is neither at the broker nor with a worker', async () => {
  const lost = [await ledger.queued(), await ledger.queued()];
  expect(await sweeper.sweep()).toBe(2);
  expect((await ledger.outbox()).map((row) => row.job_id)).toEqual(lost);
  expect(await ledger.historyTypes(lost[0] as string)).toContain('redispatched');
  const [note] = await ledger.dataSource.query<{ waited: boolean; sought: boolean }[]>(
    `select (detail->>'dispatched_at')::timestamptz <= (detail->>'last_seen')::timestamptz as waited,
            (detail->>'last_seen')::timestamptz <= at + interval '1 ms' as sought
     from ledger.job_history where job_id = $1 and type = 'redispatched'`,
    [lost[0]],
  );
  expect(note).toEqual({ waited: true, sought: true });
  expect(nudges).toBe(1);
});

it('gives a delivery its time, counted again from every dispatch', async () => {
  sweeper = started(50);
  const id = await ledger.queued();
  expect(await sweeper.sweep()).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(await sweeper.sweep()).toBe(1);
  await ledger.dataSource.query('delete from ledger.outbox where job_id = $1', [id]);
  expect(await sweeper.sweep()).toBe(0);
});

it('leaves alone what is still in the outbox, and queues it cannot ask about', async () => {
  await ledger.accept(probeJob());
  expect(await sweeper.sweep()).toBe(0);
  await ledger.queued();
  ready.probes = undefined;
  expect(await sweeper.sweep()).toBe(0);
  expect(nudges).toBe(0);
});

it('leaves alone what may still wait at the broker: nothing sent after it has been claimed', async () => {
  await ledger.queued();
  ready.probes = 1_000;
  expect(await sweeper.sweep()).toBe(0);
  flights.claimed('probes', new Date(Date.now() - 60_000));
  expect(await sweeper.sweep()).toBe(0);
  flights.claimed('other', new Date(Date.now() + 60_000));
  expect(await sweeper.sweep()).toBe(0);
});

it('finds what was lost in the middle of a backlog that does not end', async () => {
  const id = await ledger.queued();
  ready.probes = 1_000;
  await sweeper.sweep();
  flights.claimed('probes', new Date(Date.now() + 20_000));
  expect(await sweeper.sweep()).toBe(1);
  expect(await ledger.outbox(id)).toHaveLength(1);
});

it('takes nothing for lost that a slow worker holds, until it holds it no more', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => ledger.queued()));
  await holds(...ids.slice(1));
  await ledger.dataSource.query(`update ledger.workers set seen_at = seen_at + interval '1 hour'`);
  expect(await sweeper.sweep()).toBe(1);
  expect((await ledger.outbox()).map((row) => row.job_id)).toEqual([ids[0]]);
  await holds();
  expect(await started(0).sweep()).toBe(19);
});

it('looks only at queued jobs', async () => {
  for (const state of ['running', 'retrying', 'succeeded', 'dead', 'cancelled', 'scheduled', 'blocked']) {
    const id = await ledger.queued();
    await ledger.dataSource.query(`update ledger.jobs set state = $2 where id = $1`, [id, state]);
  }
  expect(await sweeper.sweep()).toBe(0);
});

it('judges each queue by itself', async () => {
  await ledger.queued();
  const other = await ledger.queued({ kind: 'platform.noop', queue: 'default' });
  ready.probes = 1;
  expect(await sweeper.sweep()).toBe(1);
  expect((await ledger.outbox()).map((row) => row.job_id)).toEqual([other]);
});

it('sends each job once when several sweep at the same time', async () => {
  const ids = await ledger.accept(...Array.from({ length: 300 }, () => probeJob()));
  await ledger.dataSource.query('delete from ledger.outbox');
  const others = [started(0), started(0)];
  const sent = await Promise.all([sweeper, ...others].map((each) => each.sweep()));
  expect(sent.reduce((sum, n) => sum + n)).toBe(300);
  expect((await ledger.outbox()).map((row) => row.job_id).sort()).toEqual([...ids].sort());
});

describe('the sums of what is under way', () => {
  it('are set right once they differ the same way twice', async () => {
    ready.probes = undefined;
    await ledger.queued();
    flights.sent('probes', 50);
    await sweeper.sweep();
    await flights.sync();
    expect(flights.underWay('probes')).toBe(50);
    flights.returned('probes', 10);
    await sweeper.sweep();
    await flights.sync();
    expect(flights.underWay('probes')).toBe(1);
    await sweeper.sweep();
    await flights.sync();
    expect(flights.underWay('probes')).toBe(1);
  });

  it('are not touched when they differ now this way and now that', async () => {
    ready.probes = undefined;
    flights.sent('probes', 10);
    await sweeper.sweep();
    flights.returned('probes', 15);
    await sweeper.sweep();
    flights.sent('probes', 5);
    await sweeper.sweep();
    await flights.sync();
    expect(flights.of('probes')).toMatchObject({ sent: 15, landed: 15 });
  });
});
