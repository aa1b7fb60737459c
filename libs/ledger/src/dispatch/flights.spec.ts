import { silent, TestLedger } from '../../e2e/test-ledger.js';
import { Flights, foldFlights } from './flights.js';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.dataSource.query('truncate ledger.flights'));

const flights = () => new Flights(ledger.dataSource, silent);
const move = (from: 'queued' | 'running', to: 'running' | 'succeeded') => ({
  id: 'x',
  batchId: null,
  move: { tenantId: 'acme', kind: 'k', queue: 'q', from, to },
});

it('counts at once what it sees itself, and what others have told', async () => {
  const [one, other] = [flights(), flights()];
  one.sent('q', 10);
  one.record([move('queued', 'running')]);
  expect(one.underWay('q')).toBe(9);
  expect(other.underWay('q')).toBe(0);
  await one.sync();
  await other.sync();
  expect(other.underWay('q')).toBe(9);
  other.record([move('queued', 'running'), move('running', 'succeeded')]);
  await other.sync();
  await one.sync();
  for (const each of [one, other]) expect(each.of('q')).toMatchObject({ sent: 10, landed: 2, ended: 1 });
});

it('counts everything once, however its news cross', async () => {
  const all = [flights(), flights(), flights()];
  await Promise.all(
    all.map(async (each) => {
      for (let i = 0; i < 20; i += 1) {
        each.sent('q', 3);
        each.record([move('queued', 'running')]);
        await each.sync();
      }
    }),
  );
  for (const each of all) {
    await each.sync();
    expect(each.of('q')).toMatchObject({ sent: 180, landed: 60 });
  }
});

it('keeps what it could not tell', async () => {
  const broken = await ledger.another(1);
  const one = new Flights(broken, silent);
  one.sent('q', 5);
  await broken.destroy();
  await expect(one.sync()).rejects.toThrow();
  expect(one.underWay('q')).toBe(5);
  await broken.initialize();
  await one.sync();
  const other = flights();
  await other.sync();
  expect(other.underWay('q')).toBe(5);
});

it('knows the latest delivery that was claimed', async () => {
  const [one, other] = [flights(), flights()];
  one.claimed('q', new Date(2_000));
  other.claimed('q', new Date(1_000));
  await one.sync();
  await other.sync();
  await one.sync();
  for (const each of [one, other]) expect(each.of('q').claimedTo).toBe(2_000);
});

it('forgets processes, and nothing of what they told', async () => {
  const [gone, quiet] = [flights(), flights()];
  gone.sent('q', 7);
  quiet.sent('q', 1);
  await gone.sync();
  await quiet.sync();
  await ledger.dataSource.query(`update ledger.flights set at = at - interval '2 hours'`);
  await foldFlights(ledger.dataSource);
  await foldFlights(ledger.dataSource);
  quiet.sent('q', 1);
  await quiet.sync();
  expect(quiet.underWay('q')).toBe(9);
  expect(await ledger.dataSource.query('select process from ledger.flights')).toHaveLength(2);
});
