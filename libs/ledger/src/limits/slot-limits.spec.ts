import { LimitBench } from '../../e2e/limit-bench.js';
import { success } from '../../e2e/outcome-events.js';
import { TestLedger } from '../../e2e/test-ledger.js';
import { limitName, limitWait, readLimits, removeLimit, setLimit } from './slot-limits.js';

let ledger: TestLedger;
let bench: LimitBench;

beforeAll(async () => {
  ledger = await TestLedger.open();
  bench = new LimitBench(ledger);
});
afterAll(() => ledger?.close());
beforeEach(async () => {
  await ledger.clear();
  await ledger.dataSource.query(`delete from ledger.slot_limits`);
});

const limited = (n: number, key = 'a', tenantId = 'acme') =>
  bench.addMany(n, 'platform.probe_limited', { key }, tenantId);

describe('a limit that is changed while jobs run', () => {
  const set = async (name: string, max: number) => {
    await setLimit(ledger.dataSource.manager, 'acme', limitName(name), max);
    await bench.reconciler.wakeAll(limitWait('acme', limitName(name)));
  };

  it('lets more run at once when it is raised', async () => {
    const ids = await limited(5);
    await bench.claim(...ids);
    await set('probe_key', 4);
    expect(await bench.deliveries()).toEqual([ids[2], ids[3]]);
    expect(await bench.claim(...ids.slice(2))).toEqual([1, 1, undefined]);
  });

  it('lets nothing start until enough have ended when it is lowered, and stops everything with 0', async () => {
    const ids = await limited(4);
    await bench.claim(...ids);
    await set('probe_key', 1);
    await bench.report(ids[0] as string, success());
    expect(await bench.deliveries()).toEqual([]);
    await bench.report(ids[1] as string, success());
    expect(await bench.deliveries()).toEqual([ids[2]]);
    await set('probe_key', 0);
    await bench.claim(ids[2] as string);
    await bench.report(ids[2] as string, success());
    expect(await bench.states(ids[3] as string)).toEqual(['blocked']);
    await removeLimit(ledger.dataSource.manager, 'acme', limitName('probe_key'));
    await bench.reconciler.reconcile();
    expect(await bench.deliveries()).toEqual([ids[3]]);
  });

  it('may be that of one key, which outweighs that of the group', async () => {
    await set('probe_key', 1);
    await set('probe_key|["vip"]', 3);
    const [vip, plain, foreign] = [await limited(4, 'vip'), await limited(2, 'b'), await limited(2, 'b', 'other')];
    expect(await bench.claim(...vip)).toEqual([1, 1, 1, undefined]);
    expect(await bench.claim(...plain)).toEqual([1, undefined]);
    expect(await bench.claim(...foreign)).toEqual([1, 1]);
    const shown = await readLimits(ledger.dataSource, 'acme');
    expect(shown.find((limit) => limit.name === 'probe_key')).toMatchObject({ own: 1, running: 4, waiting: 2 });
    expect(shown.find((limit) => limit.name === 'probe_key|["vip"]')).toMatchObject({ own: 3, running: 3, waiting: 1 });
  });
});
