import { migratedSource } from '@roundhouse/testing';
import { DigestStore } from './digest-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const ada = { tenantId: 'acme', userId: 'ada' };

it('keeps one digest per user and week', async () => {
  const digests = new DigestStore(source);
  const week = (periodStart: string, html = '<p>') => ({
    periodStart,
    periodEnd: '2026-03-16',
    timeZone: 'Europe/Vienna',
    trades: 3,
    snapshot: { trades: 3 },
    html,
  });
  const save = (digest: ReturnType<typeof week>) => source.transaction((tx) => digests.save(tx, ada, digest));
  const first = await save(week('2026-03-09'));
  await save(week('2026-03-02'));
  const again = await save(week('2026-03-09', '<h1>'));
  expect(again.id).toBe(first.id);
  expect(await digests.html('acme', first.id)).toBe('<h1>');
  expect(await digests.find('acme', first.id)).toMatchObject({ periodStart: '2026-03-09', snapshot: { trades: 3 } });
  expect([await digests.find('other', first.id), await digests.html('other', first.id)]).toEqual([
    undefined,
    undefined,
  ]);
  expect((await digests.findByPeriod(ada, '2026-03-09'))!.id).toBe(first.id);
  const page = await digests.page(ada, { limit: 1 });
  expect(page.rows[0]!.periodStart).toBe('2026-03-09');
  const rest = await digests.page(ada, { limit: 1, cursor: page.nextCursor });
  expect([rest.rows[0]!.periodStart, rest.nextCursor]).toEqual(['2026-03-02', undefined]);
});
