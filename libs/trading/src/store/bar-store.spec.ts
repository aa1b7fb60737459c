import { migratedSource } from '@roundhouse/testing';
import { Decimal } from '../model/decimal.js';
import { BarStore } from './bar-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const day = (n: number) => new Date(Date.UTC(2026, 0, n, 15));

it('caches bars and the span they are known for', async () => {
  const bars = new BarStore(source);
  const bar = (date: string, close = 10.25) => ({ date, open: 10, high: 11, low: 9, close, volume: 1e6 });
  const splits = [{ symbol: 'KEST', date: '2026-01-05', ratio: new Decimal('1.5') }];
  const known = { since: '2026-01-01', until: '2026-01-06', adjusted: true, splits, fetchedAt: day(20) };
  const fetched = { ...known, symbol: 'KEST', bars: [bar('2026-01-02'), bar('2026-01-05')] };
  const missing = { ...known, symbol: 'NONE', splits: [], bars: [] };
  await source.transaction((tx) => bars.replace(tx, 'csv', [missing, fetched]));
  const again = { ...fetched, until: '2026-01-09', bars: [bar('2026-01-05', 10.5), bar('2026-01-09', 1e-7)] };
  await Promise.all([1, 2].map(() => source.transaction((tx) => bars.replace(tx, 'csv', [again, missing]))));
  const ranges = await bars.ranges('csv', ['KEST', 'NONE', 'NEVER']);
  expect(ranges.get('KEST')).toEqual({ ...known, symbol: 'KEST', until: '2026-01-09', found: true });
  expect(ranges.get('NONE')).toMatchObject({ found: false });
  expect(ranges.has('NEVER')).toBe(false);
  const loaded = await bars.load('csv', ['KEST', 'NONE'], { since: '2026-01-01', until: '2026-01-31' });
  expect([...loaded]).toEqual([['KEST', again.bars]]);
  expect(await bars.load('other source', ['KEST'], known)).toEqual(new Map());
});
