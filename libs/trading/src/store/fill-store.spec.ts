import { migratedSource } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { FillStore, type FillRow } from './fill-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const ada = { tenantId: 'acme', userId: 'ada' };
const day = (n: number) => new Date(Date.UTC(2026, 0, n, 15));

function fill(n: number, change: Partial<FillRow> = {}): FillRow {
  return {
    extId: `x${n}`,
    symbol: 'KEST',
    side: n % 2 === 0 ? 'sell' : 'buy',
    quantity: '10',
    price: '12.5',
    fee: '0.1',
    feeCurrency: 'USD',
    at: day(n),
    ...change,
  };
}

const fills = () => new FillStore(source);
const upsert = (owner: typeof ada, rows: FillRow[]) =>
  source.transaction((tx) => fills().upsertPage(tx, owner, 'alpaca', randomUUID(), rows));

it('stores a page once, counts what it knew, and takes over corrections', async () => {
  const page = [fill(1), fill(2), fill(3)];
  expect(await upsert(ada, [...page, fill(3)])).toEqual({ stored: 3, corrected: 0, known: 0 });
  expect(await upsert(ada, [...page, fill(4)])).toEqual({ stored: 1, corrected: 0, known: 3 });
  expect(await upsert(ada, [fill(1, { price: '12.50' }), fill(2, { price: '13' })])).toEqual({
    stored: 0,
    corrected: 1,
    known: 1,
  });
  expect(await upsert(ada, [])).toEqual({ stored: 0, corrected: 0, known: 0 });
});

it('keeps every digit of a decimal', async () => {
  const owner = { tenantId: 'acme', userId: 'digits' };
  const quantity = '12345678901234567890.123456789012345678';
  await upsert(owner, [fill(1, { quantity, price: '0.000000000000000001' })]);
  const [stored] = await fills().inWindow(owner);
  expect([stored!.quantity, stored!.price]).toEqual([quantity, '0.000000000000000001']);
});

it('gives fills in time order, those of one instant in the order of the page', async () => {
  const owner = { tenantId: 'acme', userId: 'order' };
  await upsert(owner, [fill(5), fill(9, { at: day(2) }), fill(8, { at: day(2) }), fill(7, { at: day(2) })]);
  expect((await fills().inWindow(owner)).map((f) => f.extId)).toEqual(['x9', 'x8', 'x7', 'x5']);
  expect((await fills().inWindow(owner, { since: day(3) })).map((f) => f.extId)).toEqual(['x5']);
  expect((await fills().inWindow(owner, { until: day(5) })).map((f) => f.extId)).toEqual(['x9', 'x8', 'x7']);
});

it('lets imports of the same fills in opposite orders run at once', async () => {
  const owner = { tenantId: 'acme', userId: 'both ways' };
  const page = Array.from({ length: 300 }, (_, n) => fill(n + 1, { at: day(1) }));
  const counts = await Promise.all([upsert(owner, page), upsert(owner, page.toReversed()), upsert(owner, page)]);
  expect(counts.map((c) => c.stored).sort((a, b) => a - b)).toEqual([0, 0, 300]);
});

it('pages newest first and never shows another tenant anything', async () => {
  const owner = { tenantId: 'acme', userId: 'pages' };
  await upsert(
    owner,
    Array.from({ length: 7 }, (_, n) => fill(n + 1, { at: day(1 + Math.floor(n / 3)) })),
  );
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await fills().page(owner, {}, { limit: 3, cursor });
    seen.push(...page.rows.map((row) => row.extId));
    cursor = page.nextCursor;
  } while (cursor);
  expect(new Set(seen).size).toBe(7);
  expect(seen[0]).toBe('x7');
  expect(
    (await fills().page(owner, { symbol: 'KEST', since: day(2), until: day(3) }, { limit: 10 })).rows,
  ).toHaveLength(3);
  expect((await fills().page({ ...owner, tenantId: 'other' }, {}, { limit: 10 })).rows).toEqual([]);
  await expect(fills().page(owner, {}, { limit: 3, cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({
    field: 'cursor',
  });
});
