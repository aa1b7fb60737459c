import { probeJob, TestLedger } from '../../e2e/test-ledger.js';
import { inTransaction } from '../storage/index.js';
import { lockOutbox, readLanes, shareOut } from './outbox.js';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await TestLedger.open();
});
afterAll(() => ledger?.close());
beforeEach(() => ledger.clear());

/** Tenants in the order in which the relay would send their jobs, `batchSize` at a time. */
async function sendingOrder(batchSize: number, batches: number): Promise<string[]> {
  const order: string[] = [];
  for (let i = 0; i < batches; i += 1) {
    await inTransaction(ledger.dataSource, async (tx) => {
      const lanes = await readLanes(tx);
      const room = new Map(lanes.map(({ queue }) => [queue, Infinity]));
      const rows = await lockOutbox(tx, shareOut(lanes, room, batchSize), batchSize);
      order.push(...rows.map((row) => row.tenant_id));
      await tx.query(`delete from ledger.outbox where id = any($1::bigint[])`, [rows.map((row) => row.outbox_id)]);
    });
  }
  return order;
}

it('finds every lane with work, and only those, with their first priority', async () => {
  await ledger.accept(
    probeJob({ tenantId: 'b' }),
    probeJob({ tenantId: 'a' }),
    probeJob({ tenantId: 'a', priority: 7 }),
    probeJob({ tenantId: 'a', queue: 'low' }),
  );
  const lanes = await inTransaction(ledger.dataSource, readLanes);
  expect(lanes).toEqual([
    { queue: 'low', tenant_id: 'a', priority: 0 },
    { queue: 'probes', tenant_id: 'a', priority: 7 },
    { queue: 'probes', tenant_id: 'b', priority: 0 },
  ]);
});

it("delays a tenant's ten jobs behind another's thousands by no more than their fair share", async () => {
  for (let i = 0; i < 5; i += 1)
    await ledger.accept(...Array.from({ length: 1_000 }, () => probeJob({ tenantId: 'big' })));
  await ledger.accept(...Array.from({ length: 10 }, () => probeJob({ tenantId: 'small' })));
  const order = await sendingOrder(20, 5);
  expect(order.filter((tenant) => tenant === 'small')).toHaveLength(10);
  // Half of every turn is theirs: ten jobs take one turn of twenty.
  expect(order.lastIndexOf('small')).toBeLessThan(40);
});

it('sends urgent jobs first, then the oldest', async () => {
  const [early, urgent, late] = [probeJob(), probeJob({ priority: 5 }), probeJob()];
  await ledger.accept(early, urgent, late);
  const rows = await inTransaction(ledger.dataSource, async (tx) =>
    lockOutbox(tx, shareOut(await readLanes(tx), new Map([['probes', 9]]), 9), 9),
  );
  expect(rows.map((row) => row.id)).toEqual([urgent.id, early.id, late.id]);
});

describe('shareOut', () => {
  const lanes = ['a', 'b', 'c', 'd'].map((tenant) => ({ queue: 'q', tenant_id: tenant }));

  it('gives nothing to a queue without room', () => {
    expect(shareOut(lanes, new Map([['q', 0]]), 100)).toEqual([]);
  });

  it('divides the room evenly', () => {
    expect(shareOut(lanes, new Map([['q', 40]]), 100).map((s) => s.limit)).toEqual([10, 10, 10, 10]);
  });

  it('lets everybody have a turn when the room is smaller than the crowd', () => {
    const served = new Set<string>();
    for (let i = 0; i < 200; i += 1)
      for (const { tenant_id } of shareOut(lanes, new Map([['q', 2]]), 100)) served.add(tenant_id);
    expect(served.size).toBe(4);
    expect(shareOut(lanes, new Map([['q', 2]]), 100)).toHaveLength(2);
  });
});
